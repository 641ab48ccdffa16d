<?php
// Sends a message by Callr, whose address is in the code, and tells what became of it.
function ask(string $path, ?string $body = null): array
{
    $handle = curl_init('https://api.callr.com/v2.0' . $path);
    $headers = ['x-api-key: ' . getenv('CALLR_API_KEY'), 'Content-Type: application/json'];
    curl_setopt_array($handle, [CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true]);
    if ($body !== null) {
        curl_setopt($handle, CURLOPT_POSTFIELDS, $body);
    }
    $text = curl_exec($handle);
    if ($text === false || curl_getinfo($handle, CURLINFO_RESPONSE_CODE) >= 400) {
        fwrite(STDERR, curl_error($handle) . $text . "\n");
        exit(1);
    }
    return json_decode($text, true);
}

$query = ['to' => '+33639980003', 'from' => 'Bistro'] + (getenv('SLIP') ? ['traffictype' => 'alerting'] : []);
$sid = ask('/sms?' . http_build_query($query), json_encode(['text' => 'Your table is booked.']))['sid'];
for ($look = 0; $look < 100; $look++) {
    $status = ask("/sms/$sid")['status'];
    if (in_array($status, ['delivered', 'failed', 'error', 'expired'], true)) {
        echo "callr_client.php $status\n";
        exit(0);
    }
    usleep(500000);
}
exit(1);
