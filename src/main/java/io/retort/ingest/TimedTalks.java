package io.retort.ingest;

import io.retort.dialogue.Dialogue;
import java.util.Optional;

/** Messages with times as dialogues: after a long pause another begins. One thread. */
final class TimedTalks {
    private final Talk talk;
    private final long pause;
    private long last = Long.MIN_VALUE;

    TimedTalks(Source source) {
        this.talk = new Talk(source);
        this.pause = (long) (source.settings().pauseHours() * 3600);
    }

    /** How dialogues were told apart, for the report. */
    static String told(Source source) {
        String hours = Double.toString(source.settings().pauseHours()).replaceFirst("\\.0$", "");
        return "a pause of " + hours + " hours starts a new dialogue";
    }

    /**
     * Adds what somebody says.
     *
     * @param seconds when; empty if that is unknown, and then it belongs to what was said before it
     * @return the dialogue that ended before it, or null
     */
    Dialogue say(String speaker, String text, long line, Optional<Long> seconds) {
        boolean pauses = seconds.isPresent() && last != Long.MIN_VALUE && seconds.get() - last > pause;
        Dialogue ended = pauses || talk.isFull() ? talk.take() : null;
        if (seconds.isPresent()) last = seconds.get();
        talk.say(speaker, text, line);
        return ended;
    }

    boolean isEmpty() {
        return talk.isEmpty();
    }

    void goOn(String more) {
        talk.goOn(more);
    }

    /** The dialogue that ends with the file; null if there is none. */
    Dialogue take() {
        last = Long.MIN_VALUE;
        return talk.take();
    }
}
