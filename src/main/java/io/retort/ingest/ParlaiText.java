package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * ParlAI's dialogue text: a line for each exchange with fields {@code text}, {@code labels} and {@code episode_done},
 * parted by tabs. The labels are what a model should say, so they are the assistant's turns; candidates are left out.
 */
final class ParlaiText implements ConversationFormat {
    static final String USER = "user";
    static final String ASSISTANT = "assistant";
    private static final Set<String> FIELDS = Set.of("text", "labels", "eval_labels", "episode_done",
            "label_candidates",
            "reward", "id", "image");
    private static final Pattern PERSONA = Pattern.compile("(?i)(your|partner's) persona:.*");

    @Override
    public String name() {
        return "parlai";
    }

    @Override
    public String title() {
        return "ParlAI's dialogue text";
    }

    @Override
    public Recognition recognise(Sample sample) {
        List<String> lines = sample.lines().stream().filter(line -> !WhiteSpace.isBlank(line)).toList();
        long known = lines.stream().filter(line -> line.contains("\t") && fieldOf(line.split("\t", 2)[0]) != null
                && (line.contains("\tlabels:") || line.contains("\teval_labels:") || line.contains("\tepisode_done:")))
                .count();
        return known > 0 && known * 2 >= lines.size()
                ? Recognition.certain("has fields `text:` and `labels:` parted by tabs")
                : Recognition.NONE;
    }

    /** The name of a field that is known, before its colon; null for other text. */
    private static String fieldOf(String part) {
        int colon = part.indexOf(':');
        return colon > 0 && FIELDS.contains(part.substring(0, colon)) ? part.substring(0, colon) : null;
    }

    /** Adds what one side says, without lines that describe a persona. */
    static void say(Talk talk, Source source, String speaker, String text, long line) {
        StringBuilder said = new StringBuilder();
        for (String each : text.split("\n")) {
            if (PERSONA.matcher(each.strip()).matches()) source.leaveOut("lines of a persona", 1);
            else said.append(said.isEmpty() ? "" : "\n").append(each);
        }
        if (!WhiteSpace.isBlank(said.toString())) talk.say(speaker, said.toString(), line);
    }

    @Override
    public Conversations open(Source source) throws IOException {
        return new Reading(source);
    }

    private static final class Reading extends LineConversations {
        private final Talk talk;

        Reading(Source source) throws IOException {
            super(source);
            this.talk = new Talk(source);
        }

        @Override
        Dialogue read(String line) {
            if (WhiteSpace.isBlank(line)) return null;
            Map<String, String> fields = fields(line);
            if (fields.containsKey("text")) say(talk, source, USER, unescaped(fields.get("text")), lines.line());
            String label = fields.getOrDefault("labels", fields.getOrDefault("eval_labels", ""));
            if (!label.isEmpty()) say(talk, source, ASSISTANT, unescaped(first(label)), lines.line());
            if (fields.containsKey("label_candidates")) source.leaveOut("lists of candidates", 1);
            boolean ends = fields.getOrDefault("episode_done", "").strip().toLowerCase(Locale.ROOT).equals("true");
            return ends || talk.isFull() ? talk.take() : null;
        }

        @Override
        Dialogue rest() {
            return talk.take();
        }

        private Map<String, String> fields(String line) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String part : line.split("\t")) {
                String name = fieldOf(part);
                if (name != null) fields.putIfAbsent(name, part.substring(name.length() + 1));
            }
            if (!fields.containsKey("text") && !fields.containsKey("labels") && !fields.containsKey("eval_labels")) {
                throw source.bad(lines.line(), "has neither `text:` nor `labels:`",
                        "write text:…, labels:… and episode_done:True, parted by tabs");
            }
            return fields;
        }

        /** Several labels stand beside each other; the first is as good as any. */
        private static String first(String labels) {
            int bar = labels.indexOf('|');
            return bar < 0 ? labels : labels.substring(0, bar);
        }

        private static String unescaped(String text) {
            return text.replace("\\n", "\n").replace("__TAB__", "\t").replace("__PIPE__", "|").replace("__NULL__", "");
        }
    }
}
