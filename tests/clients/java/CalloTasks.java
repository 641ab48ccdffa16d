// The client of Callo in Java, doing the tasks of its suite: `CalloTasks TASK ARGUMENTS`, with the arguments as
// JSON; it needs no library, and prints one line of JSON about what it concluded.
// Compile it once: `javac -d build tests/clients/java/*.java`, then `java -cp build CalloTasks TASK ARGUMENTS`.
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

public class CalloTasks {
    static final String API = System.getenv("CALLO_BASE_URL") + "/manager/cabapi_external/api/v1/";
    static final Set<String> OVER = Set.of("compl_finished", "compl_nofinished", "attempts_exc", "user", "novalid_button", "pincode_ok");
    static final Map<String, String> ZONES = Map.of("+1212", "America/New_York", "+44", "Europe/London");
    static final Pattern NUMBER = Pattern.compile("\\+[1-9][0-9]{6,14}");
    static final int TRIES = 5, LOOKS = 12;
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(3)).build();

    /** The answer did not arrive, or cannot be read: whether the work was done is unknown. */
    static class Lost extends Exception {
        Lost(String why) { super(why); }
    }

    /** The vendor said no, and why. */
    static class Refused extends Exception {
        Refused(String why) { super(why); }
    }

    public static void main(String[] words) throws Exception {
        Map<String, Object> given = object(read(words[1]));
        Map<String, Object> conclusion;
        try {
            conclusion = perform(words[0], given);
        } catch (Refused refusal) {
            conclusion = outcome("refused");
        } catch (Lost loss) {
            conclusion = outcome("unknown");
        }
        if (conclusion == null) System.exit(12);
        System.out.println(Json.write(conclusion));
        System.exit(0);
    }

    static Map<String, Object> perform(String task, Map<String, Object> given) throws Exception {
        switch (task) {
            case "place": return place(given);
            case "confirm": return verify("phones/confirm", "PINCODE", "pincode", given);
            case "flash": return verify("phones/flashcall", "FLASHCALL", "phone_suffix", given);
            case "status": return status(text(given, "call_id"));
            case "find": return find(text(given, "label"));
            case "watch": return watch(text(given, "phone"));
            case "report": return summed("done", ids());
            case "bulk": return bulk(texts(given, "phones"));
            case "import": return takeIn(texts(given, "phones"));
            case "balance": return outcome("done", "amount", get("users/balance").get("balance"));
            case "cost": return cost();
            case "statistics": return statistics(given);
            case "campaigns": return outcome("done", "count", list(get("campaigns", "mode", "active").get("campaigns")).size());
            case "remove":
                change("phones/remove_call", "call_id", text(given, "call_id"), "campaign_id", campaign(""));
                return outcome("removed");
            case "block":
                change("phones/stoplist", "phone", text(given, "phone"));
                return outcome("blocked");
            case "upload": return upload(text(given, "name"));
            case "receive": return receive(texts(given, "phones"), URI.create(text(given, "receiver")));
            default: return null;
        }
    }

    // -- tasks ----------------------------------------------------------------------------------------------------------

    static Map<String, Object> place(Map<String, Object> given) throws Exception {
        String phone = text(given, "phone"), label = text(given, "label");
        if (!text(given, "now").isEmpty() && !isDay(phone, text(given, "now"))) return outcome("deferred");
        List<String> fields = new ArrayList<>(List.of("phone", phone, "campaign_id", campaign("")));
        String[][] more = {{"text", "text"}, {"label", "label"}, {"ivr_lvl_1_btn_1_webhook", "webhook"}};
        for (String[] pair : more) {
            if (!text(given, pair[1]).isEmpty()) fields.addAll(List.of(pair[0], text(given, pair[1])));
        }
        try {
            return outcome("placed", "id", post("phones/call", fields.toArray(String[]::new)).get("call_id"));
        } catch (Lost loss) {  // asked again it would call twice; what has a label can be looked up
            return label.isEmpty() ? outcome("unknown") : outcome("placed", "id", labelled(label).get("call_id"));
        }
    }

    static Map<String, Object> verify(String path, String campaign, String name, Map<String, Object> given) throws Exception {
        String code = text(given, "code");
        Map<String, Object> call = post(path, "phone", text(given, "phone"), "campaign_id", campaign("_" + campaign), name, code);
        return outcome("placed", "id", call.get("call_id"), "code", code);
    }

    static Map<String, Object> status(String id) throws Exception {
        Map<String, Object> row = row(id);
        Map<String, Object> said = outcome("done", "id", row.get("call_id"), "status", row.get("status"));
        said.putAll(Map.of("over", OVER.contains(row.get("status")), "created", row.get("created"), "cost", row.get("cost")));
        return said;
    }

    static Map<String, Object> find(String label) throws Exception {
        try {
            return outcome("found", "id", labelled(label).get("call_id"));
        } catch (Refused refusal) {
            return outcome("none");
        }
    }

    static Map<String, Object> watch(String phone) throws Exception {
        Object id = post("phones/call", "phone", phone, "campaign_id", campaign("")).get("call_id");
        String[] last = {""};
        if (!until(() -> OVER.contains(last[0] = (String) row(id.toString()).get("status")))) return outcome("unknown");
        Map<String, Object> said = outcome("over", "id", id, "status", last[0]);
        said.put("answered", !last[0].equals("attempts_exc"));
        return said;
    }

    static Map<String, Object> bulk(List<String> phones) throws Exception {
        List<String> good = phones.stream().filter(phone -> NUMBER.matcher(phone).matches()).toList();
        return outcome("accepted", "accepted", append(good).get("calls_count"));
    }

    static Map<String, Object> takeIn(List<String> phones) throws Exception {
        append(phones);
        until(() -> ids().size() >= phones.size());
        return summed("imported", ids());
    }

    static Map<String, Object> cost() throws Exception {
        Map<String, Object> cost = get("phones/cost", "campaign_id", campaign(""));
        return outcome("done", "amount", cost.get("forever_cost"), "currency", cost.get("currency"));
    }

    static Map<String, Object> statistics(Map<String, Object> given) throws Exception {
        DateTimeFormatter form = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
        String from = form.format(OffsetDateTime.parse(text(given, "from"))), to = form.format(OffsetDateTime.parse(text(given, "to")));
        Map<String, Object> both = get("phones/camp_stats", "campaign_id", campaign(""), "from_date", from, "to_date", to);
        for (Object row : list(both.get("call_statuses"))) {
            if ("all".equals(object(row).get("status"))) return outcome("done", "count", object(row).get("count"));
        }
        return outcome("unknown");
    }

    static Map<String, Object> upload(String name) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String part = "--part\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n";
        String fields = String.format(part, "public_key", "") + key() + "\r\n" + String.format(part, "clip_name", "") + name + "\r\n";
        body.write((fields + String.format(part, "clip_file", "; filename=\"greeting.wav\"")).getBytes(StandardCharsets.UTF_8));
        byte[] head = {'R', 'I', 'F', 'F', 44, 0, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, (byte) 0x80, 0x3e, 0, 0, 2, 0, 16, 0};
        body.write(head);
        body.write(new byte[] {'d', 'a', 't', 'a', 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        body.write("\r\n--part--\r\n".getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(API + "audio/upload/"));
        request.header("Content-Type", "multipart/form-data; boundary=part").POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        return outcome("uploaded", "id", object(result(order(request))).get("audioclip_id"));
    }

    static Map<String, Object> receive(List<String> phones, URI receiver) throws Exception {
        Handled handled = new Handled();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", receiver.getPort()), 0);
        server.createContext("/", exchange -> {
            handled.note(queryOf(exchange.getRequestURI()).getOrDefault("call", ""));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        if (handled.placed.isEmpty()) {
            for (String phone : phones) handled.notePlaced(post("phones/call", "phone", phone, "campaign_id", campaign("")).get("call_id").toString());
        }
        System.in.readAllBytes();  // it ends when all has been said
        server.stop(0);
        for (String id : handled.placed) {  // a postback may be lost: the call can be looked up
            if (!handled.known.contains(id) && OVER.contains(row(id).get("status"))) handled.note(id);
        }
        Set<Object> own = new LinkedHashSet<>(handled.fresh);
        own.retainAll(handled.placed);
        Map<String, Object> said = summed("heard", own);
        said.put("handled", said.remove("count"));
        return said;
    }

    /** What was handled, kept where it survives a restart. */
    static class Handled {
        final Path file = Path.of(System.getenv("SIMULATOR_STATE"), "handled.txt");
        final Set<String> known = new LinkedHashSet<>(), placed = new LinkedHashSet<>(), fresh = new LinkedHashSet<>();

        Handled() throws IOException {
            for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                (line.startsWith("known ") ? known : placed).add(line.substring(line.indexOf(' ') + 1));
            }
        }

        synchronized void note(String id) throws IOException {
            if (known.add(id) && fresh.add(id)) keep("known " + id);
        }

        synchronized void notePlaced(String id) throws IOException {
            if (placed.add(id)) keep("placed " + id);
        }

        private void keep(String line) throws IOException {
            Files.writeString(file, line + "\n", java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
        }
    }

    // -- what the tasks are made of -------------------------------------------------------------------------------------

    static Map<String, Object> append(List<String> phones) throws Exception {
        return post("phones/append/calls", "campaign_id", campaign(""), "phones", String.join("\n", phones));
    }

    static Map<String, Object> row(String id) throws Exception {
        return object(list(look("phones/call_by_id", "call_id", id)).get(0));
    }

    static Map<String, Object> labelled(String label) throws Exception {
        return object(list(look("phones/calls_by_label", "campaign_id", campaign(""), "label", label)).get(0));
    }

    /** Returns the ids of all calls, each once: rows that move on between two pages come twice. */
    static Set<Object> ids() throws Exception {
        Set<Object> ids = new LinkedHashSet<>();
        for (int page = 1; ; page += 1) {
            List<Object> rows = list(look("phones/all_calls", "campaign_id", campaign(""), "page", String.valueOf(page)));
            if (rows.isEmpty()) return ids;
            for (Object row : rows) ids.add(object(row).get("call_id"));
        }
    }

    static Map<String, Object> summed(String outcome, Set<Object> ids) {
        BigInteger sum = BigInteger.ZERO;
        for (Object id : ids) sum = sum.add(new BigInteger(id.toString()));
        return outcome(outcome, "count", ids.size(), "sum", sum.toString());
    }

    static boolean isDay(String phone, String now) {
        String zone = ZONES.entrySet().stream().filter(one -> phone.startsWith(one.getKey())).map(Map.Entry::getValue).findFirst().orElse("UTC");
        int hour = OffsetDateTime.parse(now).atZoneSameInstant(ZoneId.of(zone)).getHour();
        return hour >= 9 && hour < 20;
    }

    static boolean until(Callable<Boolean> isOver) throws Exception {
        for (int look = 0; look < LOOKS; look += 1) {
            if (isOver.call()) return true;
            Thread.sleep(350);
        }
        return false;
    }

    static String key() { return System.getenv("CALLO_PUBLIC_KEY"); }

    static String campaign(String kind) { return System.getenv("CALLO_CAMPAIGN_ID" + kind); }

    static Map<String, Object> outcome(String outcome, Object... fields) {
        Map<String, Object> said = new LinkedHashMap<>(Map.of("outcome", outcome));
        for (int nth = 0; nth < fields.length; nth += 2) said.put((String) fields[nth], fields[nth + 1]);
        return said;
    }

    // -- requests -------------------------------------------------------------------------------------------------------

    static Map<String, Object> post(String path, String... fields) throws Exception { return object(change(path, fields)); }

    /** Asks for something that happens once: again only where a limit turned it away. */
    static Object change(String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(API + path + "/"));
        request.header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form(fields)));
        return result(order(request));
    }

    static Map<String, Object> get(String path, String... fields) throws Exception { return object(look(path, fields)); }

    /** Asks for what only reads: a few times, after growing waits, where an answer is lost. */
    static Object look(String path, String... fields) throws Exception {
        for (int attempt = 0; ; attempt += 1) {
            try {
                return result(order(HttpRequest.newBuilder(URI.create(API + path + "/?" + form(fields)))));
            } catch (Lost loss) {
                if (attempt + 1 >= TRIES) throw loss;
                Thread.sleep(150L << attempt);
            }
        }
    }

    static HttpResponse<String> order(HttpRequest.Builder request) throws Exception {
        for (;;) {
            HttpResponse<String> answer;
            try {
                answer = HTTP.send(request.timeout(Duration.ofSeconds(8)).build(), HttpResponse.BodyHandlers.ofString());
            } catch (IOException error) {
                throw new Lost(error.toString());
            }
            if (answer.statusCode() >= 500) throw new Lost(String.valueOf(answer.statusCode()));
            if (answer.statusCode() != 429) return answer;
            Thread.sleep(waitOf(answer));
        }
    }

    static long waitOf(HttpResponse<String> answer) {
        String after = answer.headers().firstValue("Retry-After").orElse("");
        if (after.isEmpty()) return 1100;
        if (after.matches("\\d+")) return Long.parseLong(after) * 1000;
        ZonedDateTime until = ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME);
        ZonedDateTime now = ZonedDateTime.parse(answer.headers().firstValue("Date").orElseThrow(), DateTimeFormatter.RFC_1123_DATE_TIME);
        return Math.max(0, Duration.between(now, until).toMillis());
    }

    /** Returns what the vendor says, with or without its envelope. */
    static Object result(HttpResponse<String> answer) throws Exception {
        if (answer.statusCode() != 200) throw new Refused(answer.body());
        Object value = read(answer.body());
        boolean wrapped = value instanceof Map && object(value).containsKey("status") && object(value).containsKey("data");
        return wrapped ? object(value).get("data") : value;
    }

    static Object read(String text) throws Lost {
        try {
            return new Json(text).read();
        } catch (RuntimeException error) {
            throw new Lost("no JSON: " + error);
        }
    }

    static String form(String... fields) {
        List<String> pairs = new ArrayList<>(List.of("public_key=" + URLEncoder.encode(key(), StandardCharsets.UTF_8)));
        for (int nth = 0; nth < fields.length; nth += 2) pairs.add(fields[nth] + "=" + URLEncoder.encode(fields[nth + 1], StandardCharsets.UTF_8));
        return String.join("&", pairs);
    }

    static Map<String, String> queryOf(URI address) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : String.valueOf(address.getRawQuery()).split("&")) {
            String[] both = Arrays.copyOf(pair.split("=", 2), 2);
            query.put(both[0], both[1] == null ? "" : URLDecoder.decode(both[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    // -- values ---------------------------------------------------------------------------------------------------------

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) { return (Map<String, Object>) value; }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) { return (List<Object>) value; }

    static String text(Map<String, Object> given, String name) { return String.valueOf(given.getOrDefault(name, "")); }

    static List<String> texts(Map<String, Object> given, String name) { return list(given.get(name)).stream().map(String::valueOf).toList(); }
}
