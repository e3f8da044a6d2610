package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueLine;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.Response;
import io.retort.dialogue.Turn;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Decides, dialogue by dialogue, what is kept, and counts what was found. Memory is bounded whatever the number of
 * dialogues. Where a turn is left out its dialogue is cut in two, so that no reply gets a context that it did not have;
 * the parts after the first are called {@code id/2}, {@code id/3}. Dialogues are {@linkplain #inspect inspected} by any
 * thread and {@linkplain #take taken} by one.
 */
public final class Curation {
    /** Dialogues that are remembered to tell those that come again; they take about 12 bytes each. */
    private static final int MOST_REMEMBERED = 8_000_000;
    /** Replies among which near-duplicates are looked for where only the report is to tell of them. */
    private static final int MOST_COMPARED = 200_000;
    private static final int MOST_SPEAKERS = 10_000;
    /** Dialogues whose languages are all told where only the report asks for them. */
    private static final int FIRST_OF_LANGUAGE = 100_000;
    /** Of the dialogues after those one in so many is told, a power of two. */
    private static final int ONE_OF_LANGUAGE = 16;

    private final CurationSettings settings;
    private final PersonalData personal;
    private final ReplyRepetition repetition;
    private final LongOpenHashSet dialogues = new LongOpenHashSet();
    private final Set<String> plainSpeakers = new HashSet<>(); // whose names are no personal data
    private final CurationCounts counts = new CurationCounts();
    private final AtomicLong inspections = new AtomicLong();
    private boolean forgetsDialogues;

    /** Prepares for dialogues; reads the file of names, if there is one. */
    public Curation(CurationSettings settings) throws IOException {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
        List<String> names = settings.names().isPresent() ? PersonalData.names(settings.names().get()) : List.of();
        this.personal = PersonalData.of(settings.personalKinds(), names);
        this.repetition = new ReplyRepetition(ReplyRepetition.DEFAULT_CAPACITY, settings.similarity(),
                settings.mostOfAReply() > 0 ? Long.MAX_VALUE : MOST_COMPARED);
    }

    /** Looks at a dialogue. Any thread. */
    public Inspected inspect(Dialogue dialogue) {
        return inspect(DialogueLine.of(dialogue));
    }

    /** Looks at a dialogue. Any thread. */
    public Inspected inspect(DialogueLine dialogue) {
        Inspected inspected = Inspected.of(dialogue, personal);
        if (isOfLanguageSample(inspected)) inspected.tellLanguage();
        return inspected;
    }

    /** Chosen by what is said, so that it is the same whoever looks. */
    private boolean isOfLanguageSample(Inspected inspected) {
        return !settings.languages().isEmpty() || inspections.getAndIncrement() < FIRST_OF_LANGUAGE
                || (inspected.hash() >>> 40) % ONE_OF_LANGUAGE == 0;
    }

    /**
     * Counts a dialogue, and gives what is kept of it: nothing, itself, or parts of it.
     *
     * @param replier speakers of the dialogue whose turns are replies
     * @param where   the file and the place in it, for reports
     */
    public List<Dialogue> take(Inspected inspected, Predicate<String> replier, String where) {
        return takeLine(inspected, replier, () -> where).stream().map(DialogueLine::dialogue).toList();
    }

    /** As {@link #take(Inspected, Predicate, String)}; what is kept as it was stays the bytes that it was. */
    public List<DialogueLine> takeLine(Inspected inspected, Predicate<String> replier, Supplier<String> where) {
        DialogueLine dialogue = inspected.dialogue();
        counts.dialogue(inspected, where);
        boolean isKnown = !isNew(inspected);
        if (isKnown) counts.repeatedDialogue();
        if (isKnown && settings.dedupe()) return leftOut("repeated dialogues");
        if (isOfAnotherLanguage(inspected)) return leftOut("dialogues in other languages");
        Map<String, String> speakers = speakers(dialogue);
        boolean isPersonal = !speakers.isEmpty() || inspected.isPersonal();
        if (isPersonal && settings.personalData() == PersonalTreatment.DROP_DIALOGUE) {
            return leftOut("dialogues with personal data");
        }
        boolean changes = settings.personalData() != PersonalTreatment.KEEP
                && (isPersonal || !maskedValues(dialogue.meta()).equals(dialogue.meta()));
        if (!changes && settings.mostOfAReply() == 0) {
            for (int i = 1; i < dialogue.turns(); i++) if (replier.test(dialogue.speaker(i))) count(inspected, i);
            return kept(dialogue);
        }
        List<List<Turn>> parts = parts(inspected, replier, speakers);
        if (!changes && parts.size() == 1 && parts.getFirst().size() == dialogue.turns()) return kept(dialogue);
        List<Dialogue> named = named(dialogue.dialogue(), parts, speakers);
        named.forEach(counts::keep);
        return named.stream().map(DialogueLine::of).toList();
    }

    private List<DialogueLine> kept(DialogueLine dialogue) {
        counts.keep(dialogue.turns());
        return List.of(dialogue);
    }

    /**
     * Counts a reply that came without a dialogue, and gives what is kept of it, if anything.
     *
     * @param where the file and the place in it, for reports
     */
    public Optional<Response> take(Response reply, String where) {
        Inspected inspected = inspect(new Dialogue("", "", List.of(new Turn("", reply.text()))));
        counts.dialogue(inspected, () -> where);
        if (isOfAnotherLanguage(inspected)) return withoutReply("replies in other languages");
        List<Finding> found = inspected.found(0);
        ReplyRepetition.Times times = count(inspected, 0);
        boolean isTooOften = settings.mostOfAReply() > 0 && times.similar() > settings.mostOfAReply();
        if (isTooOften) return withoutReply("replies that come too often");
        if (settings.dedupe() && times.times() > 1) return withoutReply("repeated replies");
        boolean isKept = found.isEmpty() || settings.personalData() == PersonalTreatment.KEEP;
        if (!isKept && settings.personalData() != PersonalTreatment.MASK) {
            return withoutReply("replies with personal data");
        }
        counts.keep(1);
        return Optional.of(isKept
                ? reply
                : new Response(PersonalData.mask(reply.text(), found), reply.metadata().map(this::maskedValues)));
    }

    /**
     * Counts the candidates of a context, and gives those that are kept, if any are, with the context's personal data
     * masked where that is wanted of candidates.
     *
     * @param where the file and the place in it, for reports
     */
    public Optional<Distilled> take(Distilled distilled, String where) {
        List<Candidate> kept = new ArrayList<>(distilled.candidates().size());
        for (Candidate each : distilled.candidates()) {
            take(new Response(each.text(), each.metadata()), where).ifPresent(reply -> kept.add(
                    new Candidate(reply.text(), each.origin(), each.ll(), each.mi(), reply.metadata())));
        }
        if (kept.isEmpty()) return Optional.empty();
        List<String> turns = distilled.context().turns();
        if (settings.personalData() != PersonalTreatment.KEEP) turns = turns.stream().map(personal::mask).toList();
        return Optional.of(new Distilled(distilled.id(), new Context(turns), kept, distilled.teacher()));
    }

    /** What is kept of a dialogue whose replies are those of some speakers; see {@link #inspect} and this class. */
    public List<Dialogue> take(Dialogue dialogue, Predicate<String> replier, String where) {
        return take(inspect(dialogue), replier, where);
    }

    private Optional<Response> withoutReply(String why) {
        counts.leaveOut(why);
        return Optional.empty();
    }

    private boolean isOfAnotherLanguage(Inspected inspected) {
        return !settings.languages().isEmpty() && inspected.language().flatMap(LanguageGuess::known)
                .filter(language -> !settings.languages().contains(language)).isPresent();
    }

    private boolean isNew(Inspected inspected) {
        long hash = inspected.hash();
        if (dialogues.size() < MOST_REMEMBERED) return dialogues.add(hash);
        boolean isNew = !dialogues.contains(hash);
        forgetsDialogues |= isNew;
        return isNew;
    }

    private List<DialogueLine> leftOut(String why) {
        counts.leaveOut(why);
        return List.of();
    }

    /** Other names for speakers whose names are personal data, such as the phone numbers of a chat's export. */
    private Map<String, String> speakers(DialogueLine dialogue) {
        Map<String, String> others = Map.of();
        for (int i = 0; i < dialogue.turns(); i++) {
            String speaker = dialogue.speaker(i);
            boolean isKnown = speaker.length() < 3 || plainSpeakers.contains(speaker);
            if (isKnown || others.containsKey(speaker)) continue;
            List<Finding> found = personal.find(speaker);
            if (found.isEmpty()) {
                if (plainSpeakers.size() < MOST_SPEAKERS) plainSpeakers.add(speaker);
                continue;
            }
            found.forEach(counts::personal);
            if (others.isEmpty()) others = new HashMap<>();
            others.put(speaker, "person " + (others.size() + 1));
        }
        return others;
    }

    private List<List<Turn>> parts(Inspected inspected, Predicate<String> replier, Map<String, String> speakers) {
        List<List<Turn>> parts = new ArrayList<>();
        List<Turn> part = new ArrayList<>();
        List<Turn> turns = inspected.dialogue().dialogue().turns();
        PersonalTreatment treatment = settings.personalData();
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            if (treatment == PersonalTreatment.DROP && !inspected.found(i).isEmpty()) {
                counts.leaveOut("turns with personal data");
                parts.add(part);
                part = new ArrayList<>();
                continue;
            }
            boolean isReply = i > 0 && replier.test(turn.speaker());
            if (isReply && isTooOften(inspected, i) && !part.isEmpty()) {
                counts.leaveOut("replies that come too often");
                parts.add(part);
                part = new ArrayList<>();
            }
            part.add(treatment == PersonalTreatment.KEEP ? turn : treated(turn, inspected.found(i), speakers));
        }
        parts.add(part);
        return parts;
    }

    private static Turn treated(Turn turn, List<Finding> found, Map<String, String> speakers) {
        String speaker = speakers.getOrDefault(turn.speaker(), turn.speaker());
        if (found.isEmpty() && speaker.equals(turn.speaker())) return turn;
        return new Turn(speaker, PersonalData.mask(turn.text(), found));
    }

    private boolean isTooOften(Inspected inspected, int turn) {
        ReplyRepetition.Times times = count(inspected, turn);
        return settings.mostOfAReply() > 0 && times.similar() > settings.mostOfAReply();
    }

    private ReplyRepetition.Times count(Inspected inspected, int turn) {
        ReplyRepetition.Times times = repetition.add(inspected.hash(turn), () -> inspected.form(turn));
        counts.reply(inspected, turn, times);
        return times;
    }

    private List<Dialogue> named(Dialogue dialogue, List<List<Turn>> parts, Map<String, String> speakers) {
        Map<String, Object> meta = settings.personalData() == PersonalTreatment.KEEP
                ? dialogue.meta()
                : maskedValues(dialogue.meta());
        Optional<List<String>> repliers = dialogue.repliers()
                .map(names -> names.stream().map(name -> speakers.getOrDefault(name, name)).toList());
        List<Dialogue> named = new ArrayList<>();
        for (List<Turn> turns : parts) {
            // A turn alone that was cut off answers nothing and is answered by nothing.
            if (turns.isEmpty() || turns.size() == 1 && parts.size() > 1) continue;
            String id = named.isEmpty() ? dialogue.id() : dialogue.id() + "/" + (named.size() + 1);
            Dialogue part = new Dialogue(id, dialogue.source(), dialogue.split(), turns, meta);
            named.add(repliers.isPresent() ? part.withRepliers(repliers.get()) : part);
        }
        if (named.isEmpty()) counts.leaveOut("dialogues of which nothing was left");
        return named;
    }

    private Map<String, Object> maskedValues(Map<String, Object> values) {
        Map<String, Object> masked = new LinkedHashMap<>();
        values.forEach((key, value) -> masked.put(key, maskedValue(value)));
        return masked;
    }

    private Object maskedValue(Object value) {
        return switch (value) {
            case String text -> personal.mask(text);
            case List<?> list -> {
                List<Object> all = new ArrayList<>(list.size()); // may hold nulls
                for (Object each : list) all.add(maskedValue(each));
                yield all;
            }
            case Map<?, ?> map -> {
                Map<String, Object> all = new LinkedHashMap<>();
                map.forEach((key, each) -> all.put(String.valueOf(key), maskedValue(each)));
                yield all;
            }
            case null, default -> value;
        };
    }

    /** A hash of 64 bits by which texts are told apart in bounded memory. */
    public static long hash(String text) {
        return ReplyRepetition.hash(text);
    }

    /** What has been found so far. */
    public CurationReport report() {
        List<String> bounds = new ArrayList<>(repetition.bounds());
        if (forgetsDialogues) bounds.add(String.format(Locale.ROOT, "%,d different dialogues", MOST_REMEMBERED));
        return counts.report(repetition, bounds);
    }
}
