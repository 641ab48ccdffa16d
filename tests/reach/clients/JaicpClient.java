// Gives a number to a campaign of JAICP, whose address is in the code, and tells how that ended.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

class JaicpClient {
    static final String API = "https://app.jaicp.com/api/calls/campaign/" + System.getenv("JAICP_TOKEN");
    static final Pattern OVER =
        Pattern.compile("\"jobStatus\": ?\"(longCallWithResult|longCallWithNoResult|noAnswer|notDone|nonexistentNumber)\"");
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static String ask(String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(API + path))
            .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
        var answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new Exception("refused: " + answer.body());
        return answer.body();
    }

    public static void main(String[] arguments) throws Exception {
        var slip = System.getenv("SLIP") == null ? "" : ", \"max_attempts\": 1";
        var ids = ask("/addPhones", "[{\"phone\": \"79161234569\", \"maxAttempts\": 1" + slip + "}]");
        for (int look = 0; look < 100; look++) {
            var over = OVER.matcher(ask("/callJob/getReport", "{\"ids\": " + ids + "}"));
            if (over.find()) {
                System.out.println("JaicpClient.java " + over.group(1));
                return;
            }
            Thread.sleep(500);
        }
        throw new Exception("the job did not end");
    }
}
