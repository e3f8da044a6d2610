package io.retort.ingest;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Slack's markup of messages as the text that people see. */
final class SlackMarkup {
    private static final Pattern LINK = Pattern.compile("<([^<>|]{1,2000})(?:\\|([^<>]{0,2000}))?>");

    private SlackMarkup() {}

    /**
     * @param names of users by their ids, as far as they are known
     */
    static String plain(String text, Map<String, String> names) {
        StringBuilder plain = new StringBuilder();
        Matcher link = LINK.matcher(text);
        while (link.find())
            link.appendReplacement(plain, Matcher.quoteReplacement(shown(link.group(1), link.group(2), names)));
        link.appendTail(plain);
        return plain.toString().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    }

    private static String shown(String target, String label, Map<String, String> names) {
        boolean isLabelled = label != null && !label.isBlank();
        String rest = target.substring(1);
        return switch (target.charAt(0)) {
            case '@' -> "@" + (isLabelled ? label : names.getOrDefault(rest, rest));
            case '#' -> "#" + (isLabelled ? label : rest);
            case '!' -> isLabelled ? label : "@" + rest.replaceFirst("\\^.*", "");
            default -> isLabelled ? label : target.replaceFirst("^mailto:", "");
        };
    }
}
