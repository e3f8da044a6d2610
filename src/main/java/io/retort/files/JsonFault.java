package io.retort.files;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is wrong with a JSON text, said to whoever wrote it. The parser's own messages advise its programmers, which no
 * user can follow.
 *
 * @param problem what is wrong
 * @param remedy  what to do; empty if that is plain
 */
record JsonFault(String problem, String remedy) {
    private static final Pattern NUMBER = Pattern.compile("(?i)(?<![\\w\"])[-+]?(nan|inf(inity)?)\\b");
    private static final Pattern UNKNOWN = Pattern.compile("Unrecognized token '([^']{0,60})");
    private static final Pattern CHARACTER = Pattern
            .compile("(Unexpected|Illegal|Unrecognized|Invalid).*?\\(?code (\\d+)", Pattern.DOTALL);
    private static final Pattern REPEATED = Pattern.compile("Duplicate (?:field|Object property) ['\"](.{0,200})['\"]",
            Pattern.DOTALL);
    private static final String MEND = "correct or remove the line";

    /**
     * Explains a parser's exception in a user's terms.
     *
     * @param text what was parsed, to see what stands at the fault
     */
    static JsonFault of(JacksonException e, String text) {
        String message = e.getOriginalMessage() == null ? "" : e.getOriginalMessage();
        Matcher repeated = REPEATED.matcher(message);
        if (repeated.lookingAt()) return new JsonFault("Duplicate field '" + repeated.group(1) + "'", "keep one");
        if (e instanceof StreamConstraintsException) return limit(message);
        if (e instanceof JsonEOFException || message.startsWith("Unexpected end-of-input")) return early(text);
        if (message.startsWith("Trailing token")) {
            return new JsonFault("more follows the value", "put one JSON object on each line");
        }
        return notANumber(e, message, text).or(() -> unknown(message)).or(() -> character(message))
                .orElse(new JsonFault("it cannot be understood", MEND));
    }

    private static JsonFault limit(String message) {
        if (message.contains("nesting depth")) return new JsonFault("its nesting depth is too great", MEND);
        if (message.contains("Number")) return new JsonFault("a number has too many digits", MEND);
        return new JsonFault("a string or a name is too long", MEND);
    }

    private static JsonFault early(String text) {
        boolean opens = text.strip().matches("[\\[{][^}\\]]*");
        return opens
                ? new JsonFault("it ends before its object does",
                        "an object stands on one line, not on several (jq -c . writes it so)")
                : new JsonFault("it ends before its value does", MEND);
    }

    private static Optional<JsonFault> notANumber(JacksonException e, String message, String text) {
        boolean told = message.startsWith("Non-standard token")
                || NUMBER.matcher(message.replaceFirst("Unrecognized token '", "")).lookingAt();
        // The parser stops somewhere within a word such as NaN, so the word is sought around that place.
        long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getCharOffset());
        int from = Math.clamp(at - 3, 0, text.length());
        boolean seen = NUMBER.matcher(text.substring(from, Math.min(text.length(), from + 14))).find();
        if (!told && !seen) return Optional.empty();
        return Optional.of(new JsonFault("NaN and Infinity are no JSON numbers",
                "write null, or leave the field out (Python: json.dumps(…, allow_nan=False) finds them)"));
    }

    private static Optional<JsonFault> unknown(String message) {
        Matcher unknown = UNKNOWN.matcher(message);
        if (!unknown.lookingAt()) return Optional.empty();
        String token = unknown.group(1);
        String remedy = switch (token) {
            case "True" -> "write true";
            case "False" -> "write false";
            case "None", "undefined", "nil" -> "write null";
            default -> "put texts between double quotes";
        };
        return Optional.of(new JsonFault("`" + token + "` is no JSON value", remedy));
    }

    private static Optional<JsonFault> character(String message) {
        Matcher character = CHARACTER.matcher(message);
        if (!character.lookingAt()) return Optional.empty();
        int code = Integer.parseInt(character.group(2));
        if (code < 0x20 || code == 0x7f) {
            return Optional
                    .of(new JsonFault(String.format("a control character (U+%04X) stands bare in a string", code),
                            String.format("escape it: \\u%04x", code)));
        }
        String remedy = switch (code) {
            case '\'' -> "JSON quotes with \", not with '";
            case '/', '#' -> "JSON has no comments";
            case '}', ']' -> "is there a comma too many, or a value too few?";
            default -> MEND;
        };
        return Optional.of(new JsonFault("unexpected `" + Character.toString(code) + "`", remedy));
    }
}
