// JSON without a library: objects are maps, lists are lists, and numbers keep every digit.
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class Json {
    private final String text;
    private int at;

    Json(String text) { this.text = text; }

    /** Returns the value that the text is; raises a RuntimeException where it is none. */
    Object read() {
        Object value = value();
        if (next() != 0) throw new IllegalStateException("more text after the JSON");
        return value;
    }

    private char next() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) at += 1;
        return at < text.length() ? text.charAt(at) : 0;
    }

    private char take() {
        char sign = next();
        at += 1;
        return sign;
    }

    private Object value() {
        switch (next()) {
            case '{': return members();
            case '[': return entries();
            case '"': return string();
            case 't': return word("true", true);
            case 'f': return word("false", false);
            case 'n': return word("null", null);
            default: return number();
        }
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) throw new IllegalStateException(word);
        at += word.length();
        return meaning;
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at += 1;
        return new BigDecimal(text.substring(from, at));
    }

    private Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        for (char sign = take(); next() != '}'; ) {
            if (!members.isEmpty() && take() != ',') throw new IllegalStateException("," + sign);
            next();
            String name = string();
            if (take() != ':') throw new IllegalStateException(":");
            members.put(name, value());
        }
        take();
        return members;
    }

    private List<Object> entries() {
        List<Object> entries = new ArrayList<>();
        for (char sign = take(); next() != ']'; ) {
            if (!entries.isEmpty() && take() != ',') throw new IllegalStateException("," + sign);
            entries.add(value());
        }
        take();
        return entries;
    }

    private String string() {
        if (text.charAt(at) != '"') throw new IllegalStateException("\"");
        StringBuilder read = new StringBuilder();
        for (at += 1; text.charAt(at) != '"'; at += 1) {
            char sign = text.charAt(at);
            if (sign != '\\') {
                read.append(sign);
            } else if (text.charAt(at += 1) == 'u') {
                read.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                at += 4;
            } else {
                int place = "nrtbf".indexOf(text.charAt(at));
                read.append(place < 0 ? text.charAt(at) : "\n\r\t\b\f".charAt(place));
            }
        }
        at += 1;
        return read.toString();
    }

    static String write(Object value) {
        if (value instanceof Map) {
            List<String> members = new ArrayList<>();
            ((Map<?, ?>) value).forEach((name, entry) -> members.add(write(name) + ":" + write(entry)));
            return "{" + String.join(",", members) + "}";
        }
        if (value instanceof String) return '"' + ((String) value).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        return String.valueOf(value instanceof BigDecimal ? ((BigDecimal) value).toPlainString() : value);
    }
}
