package io.retort.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
