<?php
// Asks vendors' own addresses in the ways that are built into PHP, and prints what came of each.
$handle = curl_init('https://api.callr.com/v2.0/billing/credit');
$headers = ['x-api-key: ' . getenv('CALLR_API_KEY')];
curl_setopt_array($handle, [CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true]);
curl_exec($handle);
echo 'PHP curl: ', curl_getinfo($handle, CURLINFO_RESPONSE_CODE), "\n";
$key = getenv('CALLO_PUBLIC_KEY');
file_get_contents("https://callo.com/manager/cabapi_external/api/v1/users/balance/?public_key=$key");
echo 'PHP streams, default context: ', explode(' ', $http_response_header[0])[1], "\n";
