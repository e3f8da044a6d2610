package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.dialogue.NormalForm;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Bytes tell what characters tell: words, what to search for, and the hash of the normal form. */
class AsciiLookTest {
    private static final String TALK = "Well, I don't do that. Did Dot say dot? We met  at ten dot com: no! See www.a.b";
    private final AsciiLook look = new AsciiLook();

    private void agree(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        TurnLook slow = TurnLook.at(text);
        // Alone, in the midst of other texts, and before what is no ASCII.
        byte[] within = ("\"s dot D\"" + text + "\u00e9. dot Dot 12345").getBytes(StandardCharsets.UTF_8);
        look.at(bytes, 0, bytes.length);
        agree(slow, text);
        look.at(within, 9, 9 + bytes.length);
        agree(slow, text);
    }

    private void agree(TurnLook slow, String text) {
        assertEquals(slow, new TurnLook(look.words(), look.mayBePersonal(), look.mayBeSuspicious()), text);
        assertEquals(ReplyRepetition.hash(NormalForm.of(text)), look.hash(), text);
    }

    @Property(tries = 3000)
    void likeCharacters(@ForAll("texts") String text) {
        agree(text);
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> pieces = Arbitraries.of(" ", "  ", "\t", "\n", " d", " do", " dot ", "Dot", ".", ",", "!",
                "'",
                "\"", "-", "a", "it", "was", "hello", "HELLO", "7", "42", "@", ":", "/", "u/", "www.", "(", "<",
                "\u0001",
                "\u007f", "extraordinarily", "abcdefghijklmnopqrstuvwxyzabcdefgh");
        Arbitrary<String> single = Arbitraries.chars().range('\0', '\u007f').map(String::valueOf);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(6, pieces), net.jqwik.api.Tuple.of(1, single)).list()
                .ofMaxSize(24).map(list -> String.join("", list));
    }

    @Example
    void everyCharacterAtEveryPlace() {
        for (int at = 0; at < TALK.length(); at++) {
            for (char c = 0; c < 0x80; c++) agree(TALK.substring(0, at) + c + TALK.substring(at + 1));
            agree(TALK.substring(0, at));
        }
    }

    @Example
    void longTextsToo() {
        agree("so it was, ".repeat(Suspicion.LONG / 11 + 1));
        agree("a".repeat(Suspicion.LONG + 1));
    }
}
