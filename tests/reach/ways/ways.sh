# Asks the vendor's own address by curl and wget, and prints what came of it.
ask() { curl -sS -o /dev/null -w "$1: %{http_code}\n" -H "x-api-key: $CALLR_API_KEY" "$2://api.callr.com/v2.0/billing/credit"; }
ask "curl" https
ask "curl, \`http://\`" http
answer=$(wget -S -q -O /dev/null --header "x-api-key: $CALLR_API_KEY" "https://api.callr.com/v2.0/billing/credit" 2>&1)
echo "wget: $(echo "$answer" | sed -n 's,^ *HTTP/1.1 \([0-9]*\).*,\1,p')"
