package io.retort.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.retort.files.JsonLinesWriter;
import io.retort.safety.SafetyCategory;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyVerdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Replies that a safety screen keeps out of an index: counted, and the first of them listed. One thread. */
public final class ReplyScreening implements Predicate<String> {
    private static final int MOST_LISTED = 100_000;

    private final SafetyScreen screen;
    private final Map<SafetyCategory, Long> counts = new EnumMap<>(SafetyCategory.class);
    private final List<Stopped> stopped = new ArrayList<>();

    /** A reply that was left out, and why. */
    public record Stopped(String text, SafetyVerdict verdict) {
    }

    /** Prepares to judge replies by a screen. */
    public ReplyScreening(SafetyScreen screen) {
        if (screen == null) throw new IllegalArgumentException("screen is null");
        this.screen = screen;
    }

    /** Whether a reply may be given; one that may not is counted. */
    @Override
    public boolean test(String reply) {
        SafetyVerdict verdict = screen.checkReply(reply);
        if (verdict.passes()) return true;
        counts.merge(verdict.category().orElseThrow(), 1L, Long::sum);
        if (stopped.size() < MOST_LISTED) stopped.add(new Stopped(reply, verdict));
        return false;
    }

    /** How many replies were left out, by category, the gravest first. */
    public Map<SafetyCategory, Long> counts() {
        return Collections.unmodifiableMap(counts);
    }

    /** How many replies were left out. */
    public long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The replies that were left out, the first {@value #MOST_LISTED} of them. */
    public List<Stopped> stopped() {
        return Collections.unmodifiableList(stopped);
    }

    /** What was left out, in one sentence. */
    public String sentence() {
        return String.format(Locale.ROOT, "the safety screen, which goes by words alone here, left out %,d replies: %s",
                total(),
                counts.entrySet().stream()
                        .map(each -> String.format(Locale.ROOT, "%,d %s", each.getValue(), each.getKey().description()))
                        .collect(Collectors.joining(", ")));
    }

    /** Writes the replies that were left out as lines of JSON, with category and reason. */
    public void write(Path file) throws IOException {
        try (JsonLinesWriter lines = JsonLinesWriter.create(file)) {
            for (Stopped each : stopped) {
                lines.write(JsonNodeFactory.instance.objectNode().put("text", each.text)
                        .put("category", each.verdict.category().orElseThrow().key())
                        .put("reason", each.verdict.reason()));
            }
            lines.commit();
        }
    }
}
