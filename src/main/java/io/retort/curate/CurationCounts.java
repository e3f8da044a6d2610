package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Counts what a {@link CurationReport} tells, in bounded memory. One thread. */
final class CurationCounts {
    /** Speakers that are told apart; all others are counted together. */
    private static final int MOST_SPEAKERS = 10_000;
    private static final int MOST_FREQUENT = 200;
    private static final int LEAST_FREQUENT_TIMES = 3;
    private static final int EXAMPLES = 3;
    private static final int EXAMPLE_LENGTH = 80;
    /** Stands for the speakers beyond those that are told apart. */
    private static final String OTHERS = "(others)";

    private long dialogues;
    private long turns;
    private long keptDialogues;
    private long keptTurns;
    private long repeatedDialogues;
    private final Map<String, long[]> speakers = new HashMap<>(); // turns of each, in an array of one
    private final Map<String, Long> languages = new TreeMap<>();
    private final Map<PersonalKind, Long> personal = new EnumMap<>(PersonalKind.class);
    private final Map<Suspicion, Long> suspicious = new EnumMap<>(Suspicion.class);
    private final Map<Suspicion, List<CurationReport.Example>> examples = new EnumMap<>(Suspicion.class);
    private final Map<String, Long> leftOut = new LinkedHashMap<>();
    private final Map<String, CurationReport.Frequent> frequent = new HashMap<>(); // by normal form
    private int leastFrequent = LEAST_FREQUENT_TIMES;
    private final Spread words = new Spread();
    private final Spread lengths = new Spread();

    void dialogue(Inspected inspected, Supplier<String> where) {
        DialogueLine dialogue = inspected.dialogue();
        dialogues++;
        turns += dialogue.turns();
        lengths.add(dialogue.turns());
        inspected.language().ifPresent(guess -> languages.merge(guess.language(), 1L, Long::sum));
        for (int i = 0; i < dialogue.turns(); i++) {
            words.add(inspected.words(i));
            speaker(dialogue.speaker(i));
            if (inspected.isClean(i)) continue;
            inspected.found(i).forEach(this::personal);
            for (Suspicion sign : inspected.signs(i)) suspicious(sign, inspected, i, where);
        }
    }

    private void suspicious(Suspicion sign, Inspected inspected, int turn, Supplier<String> where) {
        suspicious.merge(sign, 1L, Long::sum);
        List<CurationReport.Example> its = examples.computeIfAbsent(sign, _ -> new ArrayList<>());
        if (its.size() >= EXAMPLES) return;
        String masked = PersonalData.mask(inspected.dialogue().text(turn), inspected.found(turn));
        its.add(new CurationReport.Example(where.get(), turn + 1, shortened(masked)));
    }

    private void speaker(String name) {
        long[] its = speakers.get(name);
        if (its == null) {
            String counted = speakers.size() < MOST_SPEAKERS ? name : OTHERS;
            its = speakers.computeIfAbsent(counted, _ -> new long[1]);
        }
        its[0]++;
    }

    private static String shortened(String text) {
        String line = WhiteSpace.collapse(text.replaceAll("\\p{Cntrl}", "\ufffd"));
        if (line.length() <= EXAMPLE_LENGTH) return line;
        int end = Character.isHighSurrogate(line.charAt(EXAMPLE_LENGTH - 1)) ? EXAMPLE_LENGTH - 1 : EXAMPLE_LENGTH;
        return line.substring(0, end) + "…";
    }

    void personal(Finding finding) {
        personal.merge(finding.kind(), 1L, Long::sum);
    }

    void repeatedDialogue() {
        repeatedDialogues++;
    }

    void leaveOut(String why) {
        leftOut.merge(why, 1L, Long::sum);
    }

    void keep(Dialogue part) {
        keep(part.turns().size());
    }

    /** Counts a dialogue that is kept. */
    void keep(int itsTurns) {
        keptDialogues++;
        keptTurns += itsTurns;
    }

    /** Keeps the texts of the replies that come most often. */
    void reply(Inspected inspected, int turn, ReplyRepetition.Times times) {
        if (times.times() < leastFrequent) return;
        frequent.compute(inspected.form(turn), (_, before) -> new CurationReport.Frequent(before == null
                ? shortened(inspected.dialogue().text(turn))
                : before.text(), times.times()));
        if (frequent.size() <= MOST_FREQUENT) return;
        // The rarer half goes; a reply must come as often as the rest to come back.
        leastFrequent = frequent.values().stream().map(CurationReport.Frequent::times).sorted()
                .skip(MOST_FREQUENT / 2).findFirst().orElseThrow();
        frequent.values().removeIf(each -> each.times() < leastFrequent);
        if (frequent.size() > MOST_FREQUENT) {
            frequent.values().removeIf(each -> each.times() <= leastFrequent);
            leastFrequent++;
        }
    }

    CurationReport report(ReplyRepetition repetition, List<String> bounds) {
        Map<String, Long> spoken = new HashMap<>();
        speakers.forEach((name, times) -> spoken.put(name, times[0]));
        return new CurationReport(dialogues, turns, keptDialogues, keptTurns, CurationReport.byNumber(spoken), words,
                lengths, CurationReport.byNumber(languages), repeatedDialogues, repetition.replies(),
                repetition.repeated(), repetition.nearlyRepeated(), repetition.compared(),
                repetition.isExact(),
                frequent.values().stream().sorted().toList(), personal, suspicious, examples, leftOut,
                bounds);
    }
}
