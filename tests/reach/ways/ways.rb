# Asks the vendor's own address by what is built into Ruby, and prints what came of it.
require "net/http"
answer = Net::HTTP.get_response(URI("https://api.callr.com/v2.0/billing/credit"), { "x-api-key" => ENV["CALLR_API_KEY"] })
puts "Ruby Net::HTTP: #{answer.code}"
