package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import io.retort.dialogue.Candidate;
import io.retort.dialogue.Context;
import io.retort.dialogue.Dialogue;
import io.retort.dialogue.Distilled;
import io.retort.dialogue.NormalForm;
import io.retort.dialogue.Response;
import io.retort.dialogue.Turn;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Decides, dialogue by dialogue, what is kept, and counts what was found. Memory is bounded whatever the number of
 * dialogues. Where a turn is left out its dialogue is cut in two, so that no reply gets a context that it did not have;
 * the parts after the first are called {@code id/2}, {@code id/3}. Dialogues are {@linkplain #inspect inspected} by any
 * thread and {@linkplain #take taken} by one.
 */
public final class Curation {
    /** Dialogues that are remembered to tell those that come again; they take about 12 bytes each. */
    private static final int MOST_REMEMBERED = 8_000_000;
    /** Letters of a dialogue by which its language is told. */
    private static final int LANGUAGE_SAMPLE = 160;
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

    /** Prepares for dialogues; reads the file of names, if there is one. */
    public Curation(CurationSettings settings) throws IOException {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        this.settings = settings;
        List<String> names = settings.names().isPresent() ? PersonalData.names(settings.names().get()) : List.of();
        this.personal = PersonalData.of(settings.personalKinds(), names);
        this.repetition = new ReplyRepetition(ReplyRepetition.DEFAULT_CAPACITY, settings.similarity(),
                settings.mostOfAReply() > 0 ? Long.MAX_VALUE : MOST_COMPARED);
    }

    /**
     * What is seen of a dialogue by itself.
     *
     * @param dialogue as it was read
     * @param found    places of personal data, by turn
     * @param signs    what is suspicious, by turn
     * @param forms    normal forms of the turns
     * @param hashes   of these; the array is the record's own
     * @param words    that the turns have; the array is the record's own
     * @param language of the dialogue as a whole, if it was looked for
     */
    public record Inspected(Dialogue dialogue, List<List<Finding>> found, List<Set<Suspicion>> signs,
            List<String> forms, long[] hashes, int[] words, Optional<LanguageGuess> language) {
        /** A hash of all that is said, in whatever spelling. */
        long hash() {
            long hash = 0;
            for (long each : hashes) hash = ReplyRepetition.mixed(hash * 31 + each);
            return hash;
        }
    }

    /** Looks at a dialogue. Any thread. */
    public Inspected inspect(Dialogue dialogue) {
        int turns = dialogue.turns().size();
        List<List<Finding>> found = new ArrayList<>(turns);
        List<Set<Suspicion>> signs = new ArrayList<>(turns);
        List<String> forms = new ArrayList<>(turns);
        Set<String> speakers = new LinkedHashSet<>();
        for (Turn turn : dialogue.turns()) speakers.add(turn.speaker());
        long[] hashes = new long[turns];
        int[] words = new int[turns];
        for (int i = 0; i < turns; i++) {
            String text = dialogue.turns().get(i).text();
            TurnLook look = TurnLook.at(text);
            words[i] = look.words();
            found.add(personal.find(text, look));
            signs.add(Suspicion.of(text, speakers, look));
            String form = NormalForm.of(text);
            hashes[i] = ReplyRepetition.hash(form);
            forms.add(form);
        }
        Inspected inspected = new Inspected(dialogue, found, signs, forms, hashes, words, Optional.empty());
        if (!isOfLanguageSample(inspected)) return inspected;
        return new Inspected(dialogue, found, signs, forms, hashes, words, Optional.of(language(dialogue)));
    }

    /** Chosen by what is said, so that it is the same whoever looks. */
    private boolean isOfLanguageSample(Inspected inspected) {
        return !settings.languages().isEmpty() || inspections.getAndIncrement() < FIRST_OF_LANGUAGE
                || (inspected.hash() >>> 40) % ONE_OF_LANGUAGE == 0;
    }

    private static LanguageGuess language(Dialogue dialogue) {
        StringBuilder sample = new StringBuilder();
        for (Turn turn : dialogue.turns()) {
            if (sample.length() >= LANGUAGE_SAMPLE) break;
            // A whole text is copied at once, a range of it character by character.
            String text = turn.text();
            sample.append(text.length() <= LANGUAGE_SAMPLE ? text : text.substring(0, LANGUAGE_SAMPLE)).append(' ');
        }
        return LanguageGuess.of(sample.toString());
    }

    /**
     * Counts a dialogue, and gives what is kept of it: nothing, itself, or parts of it.
     *
     * @param replier speakers of the dialogue whose turns are replies
     * @param where   the file and the place in it, for reports
     */
    public List<Dialogue> take(Inspected inspected, Predicate<String> replier, String where) {
        Dialogue dialogue = inspected.dialogue;
        counts.dialogue(inspected, where);
        boolean isKnown = !isNew(inspected);
        if (isKnown) counts.repeatedDialogue();
        if (isKnown && settings.dedupe()) return leftOut("repeated dialogues");
        if (isOfAnotherLanguage(inspected)) return leftOut("dialogues in other languages");
        Map<String, String> speakers = speakers(dialogue);
        boolean isPersonal = !speakers.isEmpty() || inspected.found.stream().anyMatch(each -> !each.isEmpty());
        if (isPersonal && settings.personalData() == PersonalTreatment.DROP_DIALOGUE) {
            return leftOut("dialogues with personal data");
        }
        boolean changes = settings.personalData() != PersonalTreatment.KEEP
                && (isPersonal || !maskedValues(dialogue.meta()).equals(dialogue.meta()));
        List<List<Turn>> parts = parts(inspected, replier, speakers);
        if (!changes && parts.size() == 1 && parts.getFirst().size() == dialogue.turns().size()) {
            return kept(List.of(dialogue));
        }
        return kept(named(dialogue, parts, speakers));
    }

    /**
     * Counts a reply that came without a dialogue, and gives what is kept of it, if anything.
     *
     * @param where the file and the place in it, for reports
     */
    public Optional<Response> take(Response reply, String where) {
        Inspected inspected = inspect(new Dialogue("", "", List.of(new Turn("", reply.text()))));
        counts.dialogue(inspected, where);
        if (isOfAnotherLanguage(inspected)) return withoutReply("replies in other languages");
        List<Finding> found = inspected.found.getFirst();
        ReplyRepetition.Times times = repetition.add(inspected.forms.getFirst(), inspected.hashes[0]);
        counts.reply(inspected.forms.getFirst(), reply.text(), times);
        boolean isTooOften = settings.mostOfAReply() > 0 && times.similar() > settings.mostOfAReply();
        if (isTooOften) return withoutReply("replies that come too often");
        if (settings.dedupe() && times.times() > 1) return withoutReply("repeated replies");
        boolean isKept = found.isEmpty() || settings.personalData() == PersonalTreatment.KEEP;
        if (!isKept && settings.personalData() != PersonalTreatment.MASK) {
            return withoutReply("replies with personal data");
        }
        counts.keep(inspected.dialogue);
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
        return !settings.languages().isEmpty() && inspected.language.flatMap(LanguageGuess::known)
                .filter(language -> !settings.languages().contains(language)).isPresent();
    }

    private boolean isNew(Inspected inspected) {
        long hash = inspected.hash();
        if (dialogues.size() >= MOST_REMEMBERED) return !dialogues.contains(hash);
        return dialogues.add(hash);
    }

    private List<Dialogue> leftOut(String why) {
        counts.leaveOut(why);
        return List.of();
    }

    private List<Dialogue> kept(List<Dialogue> parts) {
        for (Dialogue part : parts) counts.keep(part);
        return parts;
    }

    /** Other names for speakers whose names are personal data, such as the phone numbers of a chat's export. */
    private Map<String, String> speakers(Dialogue dialogue) {
        Map<String, String> others = Map.of();
        for (Turn turn : dialogue.turns()) {
            boolean isKnown = turn.speaker().length() < 3 || plainSpeakers.contains(turn.speaker());
            if (isKnown || others.containsKey(turn.speaker())) continue;
            List<Finding> found = personal.find(turn.speaker());
            if (found.isEmpty()) {
                if (plainSpeakers.size() < MOST_SPEAKERS) plainSpeakers.add(turn.speaker());
                continue;
            }
            found.forEach(counts::personal);
            if (others.isEmpty()) others = new HashMap<>();
            others.put(turn.speaker(), "person " + (others.size() + 1));
        }
        return others;
    }

    private List<List<Turn>> parts(Inspected inspected, Predicate<String> replier, Map<String, String> speakers) {
        List<List<Turn>> parts = new ArrayList<>();
        List<Turn> part = new ArrayList<>();
        List<Turn> turns = inspected.dialogue.turns();
        PersonalTreatment treatment = settings.personalData();
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            if (treatment == PersonalTreatment.DROP && !inspected.found.get(i).isEmpty()) {
                counts.leaveOut("turns with personal data");
                parts.add(part);
                part = new ArrayList<>();
                continue;
            }
            boolean isReply = i > 0 && replier.test(turn.speaker());
            if (isReply && isTooOften(inspected.forms.get(i), inspected.hashes[i], turn.text()) && !part.isEmpty()) {
                counts.leaveOut("replies that come too often");
                parts.add(part);
                part = new ArrayList<>();
            }
            part.add(treatment == PersonalTreatment.KEEP ? turn : treated(turn, inspected.found.get(i), speakers));
        }
        parts.add(part);
        return parts;
    }

    private static Turn treated(Turn turn, List<Finding> found, Map<String, String> speakers) {
        String speaker = speakers.getOrDefault(turn.speaker(), turn.speaker());
        if (found.isEmpty() && speaker.equals(turn.speaker())) return turn;
        return new Turn(speaker, PersonalData.mask(turn.text(), found));
    }

    private boolean isTooOften(String form, long hash, String text) {
        ReplyRepetition.Times times = repetition.add(form, hash);
        counts.reply(form, text, times);
        return settings.mostOfAReply() > 0 && times.similar() > settings.mostOfAReply();
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
        return counts.report(repetition);
    }
}
