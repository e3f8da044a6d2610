package io.retort.curate;

import io.retort.curate.PersonalData.Finding;
import io.retort.dialogue.DialogueLine;
import io.retort.dialogue.NormalForm;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is seen of a dialogue by itself; see {@link Curation#inspect}. Any thread, once it is made. */
public final class Inspected {
    /** Letters of a dialogue by which its language is told. */
    private static final int LANGUAGE_SAMPLE = 160;

    private final DialogueLine dialogue;
    private final long[] hashes;
    private final int[] words;
    private Remark[] remarks; // null while there is none
    private long hash;
    private Optional<LanguageGuess> language = Optional.empty();

    /** What is there to say of a turn. */
    private record Remark(List<Finding> found, Set<Suspicion> signs) {
    }

    private Inspected(DialogueLine dialogue) {
        this.dialogue = dialogue;
        this.hashes = new long[dialogue.turns()];
        this.words = new int[dialogue.turns()];
    }

    static Inspected of(DialogueLine dialogue, PersonalData personal) {
        Inspected inspected = new Inspected(dialogue);
        AsciiLook look = new AsciiLook();
        for (int i = 0; i < dialogue.turns(); i++) {
            if (dialogue.isPlain(i)) look.at(dialogue.bytes(), dialogue.from(i), dialogue.to(i));
            else if (!inspected.looksAtAscii(i, look)) {
                inspected.lookAtLetters(i, personal);
                continue;
            }
            inspected.words[i] = look.words();
            inspected.hashes[i] = look.hash();
            boolean isToBeSearched = look.mayBePersonal() || personal.hasNames();
            if (isToBeSearched || look.mayBeSuspicious()) {
                String text = dialogue.text(i);
                inspected.remark(i, isToBeSearched ? personal.find(text) : List.of(),
                        look.mayBeSuspicious() ? Suspicion.of(text, inspected.speakers()) : Set.of());
            }
        }
        for (long each : inspected.hashes) inspected.hash = ReplyRepetition.mixed(inspected.hash * 31 + each);
        return inspected;
    }

    /** Looks at a text that is no bytes, if it is ASCII; whether it is. */
    private boolean looksAtAscii(int turn, AsciiLook look) {
        String text = dialogue.text(turn);
        for (int i = 0; i < text.length(); i++) if (text.charAt(i) >= 0x80) return false;
        byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
        look.at(ascii, 0, ascii.length);
        return true;
    }

    private void lookAtLetters(int turn, PersonalData personal) {
        String text = dialogue.text(turn);
        TurnLook look = TurnLook.at(text);
        words[turn] = look.words();
        hashes[turn] = ReplyRepetition.hash(NormalForm.of(text));
        remark(turn, personal.find(text, look), Suspicion.of(text, speakers(), look));
    }

    private void remark(int turn, List<Finding> found, Set<Suspicion> signs) {
        if (found.isEmpty() && signs.isEmpty()) return;
        if (remarks == null) remarks = new Remark[dialogue.turns()];
        remarks[turn] = new Remark(found, signs);
    }

    private Set<String> speakers() {
        Set<String> speakers = new LinkedHashSet<>();
        for (int i = 0; i < dialogue.turns(); i++) speakers.add(dialogue.speaker(i));
        return speakers;
    }

    /** Finds out the language of the dialogue as a whole, by its beginning. */
    void tellLanguage() {
        StringBuilder sample = new StringBuilder();
        for (int i = 0; i < dialogue.turns() && sample.length() < LANGUAGE_SAMPLE; i++) {
            // A whole text is copied at once, a range of it character by character.
            String text = dialogue.text(i);
            sample.append(text.length() <= LANGUAGE_SAMPLE ? text : text.substring(0, LANGUAGE_SAMPLE)).append(' ');
        }
        language = Optional.of(LanguageGuess.of(sample.toString()));
    }

    /** The dialogue as it was read. */
    public DialogueLine dialogue() {
        return dialogue;
    }

    /** The language of the dialogue as a whole, if it was looked for. */
    public Optional<LanguageGuess> language() {
        return language;
    }

    /** Whether there are personal data in a turn. */
    boolean isPersonal() {
        if (remarks == null) return false;
        for (Remark remark : remarks) if (remark != null && !remark.found.isEmpty()) return true;
        return false;
    }

    /** Whether there is nothing to say of a turn. */
    boolean isClean(int turn) {
        return remarks == null || remarks[turn] == null;
    }

    /** Places of personal data in a turn. */
    List<Finding> found(int turn) {
        return isClean(turn) ? List.of() : remarks[turn].found;
    }

    /** What is suspicious in a turn. */
    Set<Suspicion> signs(int turn) {
        return isClean(turn) ? Set.of() : remarks[turn].signs;
    }

    /** Number of words of a turn. */
    int words(int turn) {
        return words[turn];
    }

    /** The normal form of a turn, made anew. */
    String form(int turn) {
        return NormalForm.of(dialogue.text(turn));
    }

    /** The hash of that. */
    long hash(int turn) {
        return hashes[turn];
    }

    /** A hash of all that is said, in whatever spelling. */
    long hash() {
        return hash;
    }
}
