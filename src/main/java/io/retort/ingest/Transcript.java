package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import io.retort.files.TextLines;
import java.io.IOException;
import java.util.List;

/**
 * Plain text in which each line begins with who speaks ({@code Name: text}, perhaps after a time, or {@code <name>
 * text}), with a blank line between talks. Lines without a name go on with what the last speaker says.
 */
final class Transcript implements ConversationFormat {
    private static final double LEAST_SHARE = 0.5;

    @Override
    public String name() {
        return "transcript";
    }

    @Override
    public String title() {
        return "a transcript (Name: text)";
    }

    @Override
    public Recognition recognise(Sample sample) {
        TranscriptSpeakers speakers = new TranscriptSpeakers();
        List<String> lines = sample.lines();
        lines.forEach(speakers::see);
        speakers.decide();
        return speakers.count() >= 2 && speakers.share(lines) >= LEAST_SHARE
                ? Recognition.likely("has lines that begin with a speaker's name and a colon")
                : Recognition.NONE;
    }

    @Override
    public Conversations open(Source source) throws IOException {
        TranscriptSpeakers speakers = new TranscriptSpeakers();
        try (TextLines lines = source.lines()) {
            lines.forEachRemaining(speakers::see);
        }
        speakers.decide();
        if (speakers.blankLinesPartTurns()) source.detail("with blank lines between turns, so one talk");
        return new Reading(source, speakers);
    }

    private static final class Reading extends LineConversations {
        private final TranscriptSpeakers speakers;
        private final Talk talk;

        Reading(Source source, TranscriptSpeakers speakers) throws IOException {
            super(source);
            this.speakers = speakers;
            this.talk = new Talk(source);
        }

        @Override
        Dialogue read(String line) {
            if (TranscriptSpeakers.isBreak(line)) {
                boolean isWithin = TranscriptSpeakers.isBlank(line) && speakers.blankLinesPartTurns();
                return isWithin ? null : talk.take();
            }
            Dialogue full = talk.isFull() ? talk.take() : null;
            add(line);
            return full;
        }

        @Override
        Dialogue rest() {
            return talk.take();
        }

        private void add(String line) {
            SpokenLine spoken = SpokenLine.of(line).orElse(null);
            if (spoken != null && speakers.isSpeaker(spoken.speaker())) {
                talk.say(spoken.speaker(), spoken.text(), lines.line());
                return;
            }
            if (spoken != null) source.note("lines with a colon taken for text, since nobody else speaks so", 1);
            if (talk.isEmpty()) source.leaveOut("lines before the first speaker of a talk", 1);
            else talk.goOn(line.strip());
        }
    }
}
