package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Turn;
import io.retort.files.WhiteSpace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

    void dialogue(Curation.Inspected inspected, String where) {
        Dialogue dialogue = inspected.dialogue();
        dialogues++;
        turns += dialogue.turns().size();
        lengths.add(dialogue.turns().size());
        inspected.language().ifPresent(guess -> languages.merge(guess.language(), 1L, Long::sum));
        for (int i = 0; i < dialogue.turns().size(); i++) {
            Turn turn = dialogue.turns().get(i);
            words.add(inspected.words()[i]);
            speaker(turn.speaker());
            inspected.found().get(i).forEach(this::personal);
            for (Suspicion sign : inspected.signs().get(i)) {
                suspicious.merge(sign, 1L, Long::sum);
                List<CurationReport.Example> its = examples.computeIfAbsent(sign, _ -> new ArrayList<>());
                if (its.size() < EXAMPLES) {
                    String masked = PersonalData.mask(turn.text(), inspected.found().get(i));
                    its.add(new CurationReport.Example(where, i + 1, shortened(masked)));
                }
            }
        }
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
        keptDialogues++;
        keptTurns += part.turns().size();
    }

    /** Keeps the texts of the replies that come most often. */
    void reply(String form, String text, ReplyRepetition.Times times) {
        if (times.times() < leastFrequent) return;
        frequent.compute(form, (_, before) -> new CurationReport.Frequent(before == null
                ? shortened(text)
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

    CurationReport report(ReplyRepetition repetition) {
        Map<String, Long> spoken = new HashMap<>();
        speakers.forEach((name, times) -> spoken.put(name, times[0]));
        return new CurationReport(dialogues, turns, keptDialogues, keptTurns, CurationReport.byNumber(spoken), words,
                lengths, CurationReport.byNumber(languages), repeatedDialogues, repetition.replies(),
                repetition.repeated(), repetition.nearlyRepeated(), repetition.compared(),
                repetition.isExact(),
                frequent.values().stream().sorted().toList(), personal, suspicious, examples, leftOut);
    }
}
