package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import io.retort.ingest.JsonSample.Opening;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A day of a channel as Slack exports it: one JSON array of messages. A thread is a dialogue of its own; what is said
 * outside of threads is one until there is a long pause. Who came, left and pinned is left out.
 */
final class SlackExport implements ConversationFormat {
    /** Messages that are grouped at once; a longer file is read in parts, at whose ends dialogues end. */
    private static final int MOST_MESSAGES = 100_000;
    private static final long MOST_CHARACTERS = 64L << 20;
    private static final Set<String> SPOKEN = Set.of("", "thread_broadcast", "bot_message", "me_message", "file_share",
            "reply_broadcast");

    private static final Pattern TIME = Pattern.compile("\\d{1,12}(\\.\\d{1,9})?");

    private record Message(String user, String text, double time, long line) {}

    @Override
    public String name() {
        return "slack";
    }

    @Override
    public String title() {
        return "a Slack export";
    }

    @Override
    public Recognition recognise(Sample sample) {
        JsonSample json = sample.json();
        if (json.opening() != Opening.ARRAY || json.records().isEmpty()) return Recognition.NONE;
        long messages = json.records().stream()
                .filter(each -> each.path("type").asText("").equals("message") && each.has("ts")).count();
        return messages * 2 >= json.records().size()
                ? Recognition.certain("is an array of messages with `ts`")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        source.detail("threads apart; " + TimedTalks.told(source));
        return new Reading(source);
    }

    private record Found(long line, Dialogue dialogue) {}

    private static final class Reading implements Conversations {
        private final Source source;
        private final JsonElements elements;
        private final Map<String, String> names = new HashMap<>();
        private final Queue<Dialogue> ready = new ArrayDeque<>();
        private final List<Message> channel = new ArrayList<>();
        private final Map<String, List<Message>> threads = new LinkedHashMap<>();
        private long characters;
        private int count;
        private boolean atEnd;

        Reading(Source source) throws IOException {
            this.source = source;
            this.elements = new JsonElements(source, source.text(), true, Optional.empty());
        }

        @Override
        public Dialogue next() throws IOException {
            while (ready.isEmpty() && !atEnd) part();
            return ready.poll();
        }

        private void part() throws IOException {
            while (count < MOST_MESSAGES && characters < MOST_CHARACTERS && !atEnd) {
                ObjectNode record = elements.next();
                if (record == null) {
                    atEnd = true;
                    break;
                }
                Message message = message(record);
                if (message == null) continue;
                count++;
                characters += message.text.length();
                String thread = record.path("thread_ts").asText("");
                if (thread.isEmpty()) channel.add(message);
                else threads.computeIfAbsent(thread, _ -> new ArrayList<>()).add(message);
            }
            List<Found> found = new ArrayList<>();
            group(channel, found);
            threads.values().forEach(thread -> group(thread, found));
            found.sort(Comparator.comparingLong(Found::line));
            found.forEach(each -> ready.add(each.dialogue));
            channel.clear();
            threads.clear();
            characters = 0;
            count = 0;
        }

        private void group(List<Message> messages, List<Found> found) {
            TimedTalks talks = new TimedTalks(source);
            long line = 0;
            for (Message each : messages) {
                if (talks.isEmpty()) line = each.line;
                String speaker = names.getOrDefault(each.user, each.user);
                Dialogue ended = talks.say(speaker, SlackMarkup.plain(each.text, names), each.line,
                        Optional.of((long) each.time()));
                if (ended == null) continue;
                found.add(new Found(line, ended));
                line = each.line;
            }
            Dialogue last = talks.take();
            if (last != null) found.add(new Found(line, last));
        }

        /** What somebody says; null for anything else, which is counted. */
        private Message message(ObjectNode record) {
            if (!record.path("type").asText("message").equals("message")
                    || !SPOKEN.contains(record.path("subtype").asText(""))) {
                source.leaveOut("system messages", 1);
                return null;
            }
            JsonNode text = record.path("text");
            if (!text.isTextual() || text.textValue().isBlank()) {
                source.leaveOut("messages without a text", 1);
                return null;
            }
            String user = first(record, "user", "bot_id", "username");
            if (user.isEmpty()) {
                throw source.bad(elements.line(), "record " + elements.count() + " has no `user`",
                        "add it, or leave the message out");
            }
            String name = first(record.path("user_profile"), "display_name", "real_name", "name");
            if (name.isEmpty()) name = first(record, "username");
            if (!name.isEmpty() && names.size() < MOST_MESSAGES) names.putIfAbsent(user, name);
            return new Message(user, text.textValue(), time(record), elements.line());
        }

        private double time(ObjectNode record) {
            String time = record.path("ts").asText("");
            if (TIME.matcher(time).matches()) return Double.parseDouble(time);
            throw source.bad(elements.line(), "record " + elements.count() + " has a `ts` that is no time",
                    "write seconds since 1970, as Slack does");
        }

        private static String first(JsonNode record, String... fields) {
            for (String field : fields) {
                String value = record.path(field).asText("");
                if (!value.isBlank()) return value;
            }
            return "";
        }

        @Override
        public void close() throws IOException {
            elements.close();
        }
    }
}
