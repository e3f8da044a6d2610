package io.retort.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Dialogue;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;

/** A channel as DiscordChatExporter writes it to JSON; a long pause begins another dialogue. */
final class DiscordExport implements ConversationFormat {
    private static final Set<String> SPOKEN = Set.of("Default", "Reply", "0", "19");

    @Override
    public String name() {
        return "discord";
    }

    @Override
    public String title() {
        return "a Discord export";
    }

    @Override
    public Recognition recognise(Sample sample) {
        if (sample.json().records().size() != 1) return Recognition.NONE;
        ObjectNode root = sample.json().records().getFirst();
        boolean isDiscord = root.path("channel").isObject() && root.has("guild") && root.path("messages").isArray();
        return isDiscord ? Recognition.certain("has `guild`, `channel` and `messages`") : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        source.detail(TimedTalks.told(source));
        return new Reading(source);
    }

    /** A time as the exporter writes it; empty if it is none. */
    static Optional<Long> seconds(String time) {
        try {
            return Optional.of(OffsetDateTime.parse(time).toEpochSecond());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static final class Reading implements Conversations {
        private final Source source;
        private final JsonElements elements;
        private final TimedTalks talks;
        private boolean atEnd;

        Reading(Source source) throws IOException {
            this.source = source;
            this.elements = new JsonElements(source, source.text(), true, Optional.of("messages"));
            this.talks = new TimedTalks(source);
        }

        @Override
        public Dialogue next() throws IOException {
            while (!atEnd) {
                ObjectNode record = elements.next();
                atEnd = record == null;
                Dialogue ended = atEnd ? null : read(record);
                if (ended != null) return ended;
            }
            return talks.take();
        }

        private Dialogue read(ObjectNode record) {
            if (!SPOKEN.contains(record.path("type").asText("Default"))) {
                source.leaveOut("system messages", 1);
                return null;
            }
            String text = record.path("content").asText("");
            if (text.isBlank()) {
                source.leaveOut("messages without a text", 1);
                return null;
            }
            JsonNode author = record.path("author");
            String name = author.path("nickname").asText("");
            if (name.isBlank()) name = author.path("name").asText("");
            if (name.isBlank()) {
                throw source.bad(elements.line(), "record " + elements.count() + " has no author",
                        "add it, or leave the message out");
            }
            return talks.say(name, text, elements.line(), seconds(record.path("timestamp").asText("")));
        }

        @Override
        public void close() throws IOException {
            elements.close();
        }
    }
}
