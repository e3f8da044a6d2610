package io.retort.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that something happened to are told from texts that people wrote. */
class SuspicionTest {
    private static Set<Suspicion> of(String text) {
        return Suspicion.of(text, List.of("Mara", "Otto Berg", "A", "1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello, how are you?", "OK", "NO WAY!!!", "I love NASA and the BBC", "It is 5 < 6 & 7 > 3", "R&D; fine", "I <3 you",
        "Ça va très bien, à bientôt", "Ângela e Ãngelo", "naïve café — “quoted”…", "line one\nline two\ttab", "A: is the first answer",
        "Note: bring tea", "at 10:30", "user: what a word", "https://example.com/a/very/long/path/to/some/thing?with=parameters&and=0123456789abcdef",
        "1: one", "Привет, как дела?", "今日はとても天気がいいですね。散歩に行きましょう。", "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "hahahahahahahahahahahahahahahahahahahahahahaha",
        "Mara said hi", "Dear Mara, look: rain", "👍🏽 👩‍👩‍👧", "Å is a letter", "don’t"})
    void whatPeopleWriteIsNotSuspicious(String text) {
        assertEquals(Set.of(), of(text));
    }

    @Test
    void everySignIsSeen() {
        assertEquals(Set.of(Suspicion.VERY_LONG), of("word ".repeat(1000)));
        assertEquals(Set.of(Suspicion.CONTROL_CHARACTERS), of("bell \u0007 rings"));
        assertEquals(Set.of(Suspicion.CONTROL_CHARACTERS), of("lost \ufffd letter"));
        assertEquals(Set.of(Suspicion.WRONG_ENCODING), of("cafÃ© au lait"));
        assertEquals(Set.of(Suspicion.WRONG_ENCODING), of("donâ€™t"));
        assertEquals(Set.of(Suspicion.WRONG_ENCODING), of("10Â\u00a0km"));
        assertEquals(Set.of(Suspicion.HTML), of("first<br/>second"));
        assertEquals(Set.of(Suspicion.HTML), of("<a href=\"x\">here</a>"));
        assertEquals(Set.of(Suspicion.HTML), of("you &amp; me"));
        assertEquals(Set.of(Suspicion.CAPITALS), of("BUY NOW CHEAP WATCHES HERE"));
        assertEquals(Set.of(Suspicion.ENCODED), of("it is 5d41402abc4b2a76b9719d911017c592 ok"));
        assertEquals(Set.of(Suspicion.ENCODED), of("TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24="));
        assertEquals(Set.of(Suspicion.SPEAKER_LABEL), of("fine\nOtto Berg: and you?"));
        assertEquals(Set.of(Suspicion.SPEAKER_LABEL), of("Mara: hello"));
        assertEquals(Set.of(Suspicion.SPEAKER_LABEL), of("Assistant: how can I help?"));
        assertEquals(Set.of(Suspicion.SPEAKER_LABEL), of("Speaker 2: how can I help?"));
        assertEquals(Set.of(), Suspicion.of("Otto Berg: a name like others"));
    }
}
