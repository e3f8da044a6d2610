package io.retort.study;

import io.retort.files.BadInput;
import io.retort.files.WhiteSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A study while it is judged: hands each judge the items of a place of the plan, one after the other, and keeps every
 * vote before it counts. Judges come back under their names and go on where they were. Any thread, many judges at once;
 * one process at a time for a file of votes.
 */
public final class Study implements AutoCloseable {
    private static final int LONGEST_NAME = 64;
    /** Longer than that, nobody looked at the item, but went away. */
    private static final Duration LONGEST_LOOK = Duration.ofHours(1);

    private final StudyPlan plan;
    private final Map<String, StudyItem> items;
    private final VotesFile file;
    private final Clock clock;
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private final Map<String, Set<String>> voted = new HashMap<>();
    private final Map<List<String>, Instant> handedOut = new HashMap<>();

    private Study(StudyPlan plan, VotesFile file, Clock clock) {
        this.plan = plan;
        this.items = plan.itemsById();
        this.file = file;
        this.clock = clock;
        places.putAll(file.kept().places());
        for (Vote vote : file.kept().votes()) of(vote.judge()).add(vote.item());
    }

    /**
     * Opens a plan and the votes that it has so far.
     *
     * @param votes made if it is not there
     * @throws BadInput if either is damaged, they do not belong together, or another process takes votes there
     */
    public static Study open(Path plan, Path votes) throws IOException {
        return open(plan, votes, Clock.systemUTC());
    }

    static Study open(Path plan, Path votes, Clock clock) throws IOException {
        StudyPlan read = StudyPlanFile.read(plan);
        return new Study(read, VotesFile.open(votes, read), clock);
    }

    /** Where the votes of a plan are kept unless somebody says otherwise: beside it. */
    public static Path votesBeside(Path plan) {
        String name = plan.getFileName().toString().replaceFirst("\\.gz$", "").replaceFirst("\\.jsonl$", "");
        return plan.resolveSibling(name + ".votes.jsonl");
    }

    /** Whether what was found at the end of the votes was no whole line, and was cut off. */
    public boolean wasCut() {
        return file.kept().isCut();
    }

    /**
     * The next item that a judge has not voted on; empty after the last. It is the same until there is a vote on it. A
     * new judge gets the first place that is free.
     *
     * @throws BadInput if the name cannot be one, or all places are taken
     */
    public synchronized Optional<JudgeItem> next(String judge) throws IOException {
        List<String> place = place(judge);
        Set<String> done = of(judge);
        for (String id : place) {
            if (done.contains(id)) continue;
            handedOut.putIfAbsent(List.of(judge, id), clock.instant());
            return Optional.of(JudgeItem.of(items.get(id), plan, done.size(), place.size()));
        }
        return Optional.empty();
    }

    /**
     * Takes a vote, which is on the device when this returns.
     *
     * @param item   id of an item of the judge's
     * @param answer one of the item's choices
     * @return whether the vote counts: false if the judge had voted on the item, and that vote stays
     * @throws BadInput if the judge has no such item, or it has no such answer
     */
    public synchronized boolean vote(String judge, String item, String answer) throws IOException {
        if (!place(judge).contains(item)) {
            throw BadInput.of("the judge was given no item of that id", "vote on an item that was handed out");
        }
        plan.form().require(answer);
        if (of(judge).contains(item)) return false;
        Instant now = clock.instant();
        Instant since = handedOut.get(List.of(judge, item));
        OptionalLong millis = since == null || Duration.between(since, now).compareTo(LONGEST_LOOK) > 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, Duration.between(since, now).toMillis()));
        file.add(new Vote(judge, item, answer, now, millis));
        of(judge).add(item);
        handedOut.remove(List.of(judge, item));
        return true;
    }

    private Set<String> of(String judge) {
        return voted.computeIfAbsent(judge, _ -> new HashSet<>());
    }

    private List<String> place(String judge) throws IOException {
        requireName(judge);
        Integer place = places.get(judge);
        if (place == null) {
            place = firstFree();
            file.begin(judge, place, clock.instant());
            places.put(judge, place);
        }
        return plan.places().get(place);
    }

    private int firstFree() {
        for (int place = 0; place < plan.places().size(); place++) {
            if (!places.containsValue(place)) return place;
        }
        throw BadInput.of("all " + plan.places().size() + " places of the study are taken",
                "go on under the name of a judge who has begun, or plan the study for more judges");
    }

    private static void requireName(String judge) {
        boolean isName = judge != null && !WhiteSpace.isBlank(judge) && judge.length() <= LONGEST_NAME
                && judge.equals(WhiteSpace.strip(judge)) && judge.codePoints().noneMatch(
                        c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
        if (!isName) {
            throw BadInput.of("a judge whose name is empty, longer than " + LONGEST_NAME + " characters, or has spaces "
                    + "around it or control characters in it", "give a plain name");
        }
    }

    /** Ends the taking of votes. */
    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
