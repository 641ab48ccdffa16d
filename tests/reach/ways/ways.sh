# Asks the vendor's own address by curl, and prints what came of it.
ask() { curl -sS -o /dev/null -w "$1: %{http_code}\n" -H "x-api-key: $CALLR_API_KEY" "$2://api.callr.com/v2.0/billing/credit"; }
ask "curl" https
ask "curl, \`http://\`" http
