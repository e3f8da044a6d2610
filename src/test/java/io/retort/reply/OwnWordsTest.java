package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnWordsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            value = {"I have a dog. | I have no pets | true", "I have two cats | I don't have any pets. | true",
                "I have a dog | Yes, I have a cat too | false",
                "I have no kids | My life is good. I have a son! | true",
                "I love coffee | I hate coffee | true", "I love coffee | I don't like tea | false",
                "My name is Ada | My name is Bo | true", "My name is Ada. | my name is ada! | false",
                "I'm 30 | I am 41 years old | true", "I live in Rome | I live in Paris now | true",
                "Do I have a dog? | I have no pets | false", "I have a dog | Do you have no pets? | false",
                "I am single | I have a wife | true", "I don't have time | I have a dog | false",
                "I have a wife | I am single | true",
                "I never had a dog | I have a dog | true", "I like dogs | I don't like dogs that bark | false"})
    void aReplyThatContradictsAnEarlierOneIsObjectedTo(String earlier, String reply, boolean contradicts) {
        OwnWords own = new OwnWords();
        own.said(earlier);
        assertEquals(contradicts, own.objection(reply).filter(why -> why.contains("contradicts")).isPresent());
    }

    @Test
    void whatFitsIsGivenAndWhatDoesNotIsToldUnlessNothingElseIsLeft() {
        OwnWords own = new OwnWords();
        own.said("I have a dog");
        RankedReplies found = found("I have no pets.", "You love long walks with rain", "I like tea.");
        RankedReplies fitting = own.fitting(found, 1, "you love long walks with rain too");
        assertEquals(List.of("I like tea."), fitting.ranked().stream().map(RankedReply::text).toList());
        assertEquals(List.of("contradicts \"I have a dog\", which was said before", "nearly repeats what it answers"),
                fitting.passedOver().stream().map(RankedReplies.Withheld::reason).toList());
        RankedReplies few = own.fitting(found("I have no pets."), 2, "hello");
        assertEquals("I have no pets.", few.text());
        assertEquals(List.of(), few.passedOver());
    }

    private static RankedReplies found(String... texts) {
        List<RankedReply> ranked = new ArrayList<>();
        for (String text : texts) ranked.add(new RankedReply(ranked.size() + 1, ranked.size(), 1f / (1 + ranked.size()), text));
        return new RankedReplies(ranked, 1, null);
    }

    @Test
    void whatAPersonClaimsBindsNobodyElse() {
        OwnWords own = new OwnWords();
        own.heard("I have a dog");
        assertTrue(own.objection("I have no pets").isEmpty());
    }

    @Test
    void aReplyInNearlyTheSameWordsIsObjectedToWhoeverSaidThem() {
        OwnWords own = new OwnWords();
        own.heard("I went to the beach with my sister yesterday");
        assertTrue(own.objection("I went to the beach with my sister, yesterday too").isPresent());
        assertTrue(own.objection("I went to the cinema with my brother").isEmpty());
        assertTrue(own.objection("the beach").isEmpty());
        own.forget();
        assertTrue(own.objection("I went to the beach with my sister yesterday").isEmpty());
    }
}
