<?php
// Read before every PHP script that a checked command runs: streams without a context of their own go by the proxy.
$simulator_http = ['proxy' => 'PROXY', 'request_fulluri' => true];
stream_context_set_default(['http' => $simulator_http]);
unset($simulator_http);
