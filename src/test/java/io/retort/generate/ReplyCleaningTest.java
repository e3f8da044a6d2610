package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.retort.dialogue.Context;
import io.retort.dialogue.NormalForm;
import io.retort.settings.InvalidSetting;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ReplyCleaningTest {
    private static final ReplyCleaning CLEANING = ReplyCleaning.standard();
    private static final Context CONTEXT = Context.of("I just moved to a new town.", "Oh nice, do you like it?",
            "Not yet, I miss my friends.");

    private static CleanedReplies cleaned(String text, boolean finished) {
        return CLEANING.clean(CONTEXT, List.of(new RawReply(text, finished)));
    }

    private static void kept(String expected, String text, boolean finished) {
        assertEquals(new CleanedReplies(List.of(expected), Map.of()), cleaned(text, finished), text);
    }

    private static void dropped(DropReason reason, String... texts) {
        for (String text : texts)
            assertEquals(new CleanedReplies(List.of(), Map.of(reason, 1)), cleaned(text, true), text);
    }

    @Example
    void whatPeopleSayIsKeptAsItIs() {
        for (String text : List.of("That's hard. Call them tonight!", "Same here :)", "I <3 that", "oh no, why?",
                "I'm an assistant manager at a shop.", "I'm a computer science major.", "Ewww.. how gross!",
                "Out in the open air I'm aiming high.",
                "I won $2500!", "He's 65.", "My training went well.",
                "Dr. Smith said \"no\" to me.", "It's 10:30, (I think) so let's go", "No. No. No way!", "me too...",
                "My dog weighs 3.5 kg", "ha ha ha ha, good one", "C'est la vie, mon ami.")) {
            kept(text, text, true);
        }
    }

    @Example
    void talkAsAnAssistantsIsDroppedWhereThatIsAskedAlone() {
        ReplyCleaning strict = CLEANING.withoutAssistantTalk(true);
        for (String text : List.of("It's important to take breaks.", "I'm here to listen if it gets hard.",
                "Thanks for sharing that with me!", "You could try talking to them.", "I'd recommend a long walk.",
                "Let me know if you need anything.", "Is there anything specific you miss?",
                "Feel free to tell me more.", "Additionally, towns have parks.")) {
            assertEquals(new CleanedReplies(List.of(), Map.of(DropReason.ASSISTANT_TALK, 1)),
                    strict.clean(CONTEXT, List.of(new RawReply(text, true))), text);
            kept(text, text, true);
        }
        for (String text : List.of("I'd call them tonight, it helps.", "Ugh, moving is the worst.",
                "Same here, I was so happy to help my mom move.", "Sure, why not?", "What can I say, I'm jealous!",
                "Let me know how it goes!")) {
            assertEquals(new CleanedReplies(List.of(text), Map.of()),
                    strict.clean(CONTEXT, List.of(new RawReply(text, true))), text);
        }
    }

    @Example
    void aReplyEndsWhereTheNextTurnBegins() {
        kept("Yes, I do.", " Yes, I do.\nA: And you?\nB: So", true);
        kept("Yes, I do.", "B: Yes, I do. A: And you?", true);
        kept("Yes, I do.", "Assistant: B: Yes, I do. <|im_end|>", true);
        kept("Yes, I do.", "Yes, I do. ### Instruction: more", false);
        kept("Yes, I do.", "Yes, I do. Person 1: hm", true);
        dropped(DropReason.EMPTY, "", " \n", "A: B:", "<|im_end|>");
    }

    @Example
    void aNameAtTheHeadIsASpeakersLabelButPlansAndRemarksAreNot() {
        kept("Y'all. I'm tired.", "Elle: Y'all. I'm tired.", true);
        kept("You're right.", "B: Dr. Jones: You're right.", true);
        for (String text : List.of("Plan A: call them. Plan B: write.", "Question: are you free?", "So: it was fun.",
                "My answer: never.", "I told Elle: go home.", "Update: I got the job!")) {
            kept(text, text, true);
        }
    }

    @Example
    void linesAreJoinedAndQuotesStripped() {
        kept("Yes, I do.", "  Yes,\n I\u00a0 do. ", true);
        kept("Yes, I do.", "\"Yes, I do.\"", true);
        kept("Yes, I do.", "\u201cYes, I do.", true);
        kept("\"Never\" is what \"they\" said", "\"Never\" is what \"they\" said", true);
    }

    @Example
    void aReplyCutByItsLengthKeepsItsWholeSentences() {
        kept("Call them! It helps.", "Call them! It helps. I know that Dr. Wu", false);
        kept("Call them! It helps...", "Call them! It helps...", false);
        assertEquals(Map.of(DropReason.UNFINISHED, 1), cleaned("I would call them and", false).dropped());
        kept("I would call them and", "I would call them and", true);
        String sentence = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
        String other = "a few more words that bring the whole of this to far more than forty of them all in all, "
                + "counted one by one";
        kept(sentence + ".", sentence + ". " + other + ", " + other + ".", true);
        dropped(DropReason.TOO_LONG, sentence + other + other.replace('e', 'i'));
    }

    @Example
    void whatNoPersonTypesIsDroppedForItsReason() {
        dropped(DropReason.META_TALK, "As an AI, I have no friends.", "I'm just a language model.",
                "I am an assistant, so no.", "How can I help you today?", "I don\u2019t have feelings like you.",
                "I was created by Hugging Face.", "I'm a chatbot, sorry.", "I am just a computer program.",
                "Here's a possible response to that.");
        dropped(DropReason.STAGE_DIRECTION, "*smiles* That is nice.", "That is nice (laughs softly).",
                "[Your Name] is nice", "Well, _sighs_ that is hard.");
        dropped(DropReason.MARKUP, "- call them\n- write them", "Do this:\n1. Call\n2. Write", "# Friends and more",
                "That is **very** nice", "Use `call()` for that", "<b>That</b> is nice", "{\"reply\": \"nice\"} yes no",
                "def call(friend): return friend");
        dropped(DropReason.ADDRESS, "Look at https://example.org then", "Try example.com, it is good",
                "Write to me at a@example.org ok");
        dropped(DropReason.NOT_TEXT, "\ud83d\ude00 \ud83d\ude00 \ud83d\ude00", "a \ufffd broken one", "?!?! ... !!!",
                "with a bell \u0007 inside", "1 2 3 4 5 6 7 a");
        dropped(DropReason.TOO_SHORT, "Yes", "Sorry!");
    }

    @Example
    void runningInCirclesIsDropped() {
        dropped(DropReason.REPETITION, "I like it here. Do you? I like it here!", "no no no no no",
                "we go to town and we go to town and we go to town");
    }

    @Example
    void whatWasSaidBeforeIsACopy() {
        dropped(DropReason.COPY, "not yet, I miss my friends.", "Oh nice, do you like it?",
                "Not yet, I miss my friends. So sad.", "Once I just moved to a new town, too.");
        kept("Why did you move to a new town?", "Why did you move to a new town?", true);
    }

    @Example
    void repliesOfOneNormalFormAreKeptOnce() {
        List<RawReply> replies = Stream.of("That's hard.", "That\u2019s  hard .", "Is it far?", "THAT'S HARD.")
                .map(text -> new RawReply(text, true)).toList();
        assertEquals(new CleanedReplies(List.of("That's hard."), Map.of(DropReason.DUPLICATE, 3)),
                CLEANING.clean(CONTEXT, replies, List.of("is it far?")));
    }

    @Example
    void limitsThatNothingPassesAreRefused() {
        assertThrows(InvalidSetting.class, () -> new ReplyCleaning(5, 4));
        assertThrows(InvalidSetting.class, () -> new ReplyCleaning(-1, 4));
        assertThrows(InvalidSetting.class, () -> new ReplyCleaning(0, 0));
    }

    @Provide
    Arbitrary<String> generated() {
        Arbitrary<String> words = Arbitraries.of("I", "you", "see", "the", "town", "friends", "Dr.", "yes", "No", "ok",
                "miss", "them", "call", "why", "never", "b", "A", "fine", "3.5");
        Arbitrary<String> signs = Arbitraries.of(".", "!", "?", "...", ",", "\"", "\u201c", "\u201d", "\n", " ", "A:",
                "B:", "User:", "<|im_end|>", "*", "- ", "(laughs)", ")", "###", "[INST]", "\u00a0", "'", ":", "</s>");
        Arbitrary<String> part = Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(5, words),
                net.jqwik.api.Tuple.of(2, signs));
        return part.list().ofMaxSize(60).flatMap(parts -> Arbitraries.of(" ", "").list().ofSize(parts.size())
                .map(gaps -> {
                    StringBuilder text = new StringBuilder();
                    for (int i = 0; i < parts.size(); i++)
                        text.append(parts.get(i)).append(gaps.get(i)).append(i % 3 == 0 ? " " : "");
                    return text.toString();
                }));
    }

    @Property(tries = 2000)
    @net.jqwik.api.Tag("slow")
    void cleaningManyCleanRepliesChangesNothing(@ForAll("generated") String text, @ForAll boolean finished) {
        cleaningACleanReplyChangesNothing(text, finished);
    }

    @Property(tries = 500)
    void cleaningACleanReplyChangesNothing(@ForAll("generated") String text, @ForAll boolean finished) {
        for (String reply : cleaned(text, finished).kept()) {
            kept(reply, reply, true);
            kept(reply, reply, finished);
        }
    }

    @Property(tries = 2000)
    @net.jqwik.api.Tag("slow")
    void whatIsKeptOfManyIsOneTurnOnOneLineWithinTheLimits(@ForAll("generated") String text, @ForAll boolean finished) {
        whatIsKeptIsOneTurnOnOneLineWithinTheLimits(text, finished);
    }

    @Property(tries = 500)
    void whatIsKeptIsOneTurnOnOneLineWithinTheLimits(@ForAll("generated") String text, @ForAll boolean finished) {
        CleanedReplies cleaned = cleaned(text, finished);
        assertEquals(1, cleaned.kept().size() + cleaned.dropped().values().stream().mapToInt(i -> i).sum());
        for (String reply : cleaned.kept()) {
            assertFalse(RoleMarkers.within(reply), reply);
            assertEquals(reply.strip(), reply);
            assertFalse(reply.contains("\n"), reply);
            int words = reply.split(" ").length;
            assertTrue(words >= 2 && words <= 40, reply);
        }
    }

    @Property(tries = 300)
    @net.jqwik.api.Tag("slow")
    void ofManyEachIsKeptOrCountedAndNoTwoAreTheSame(@ForAll List<@net.jqwik.api.From("generated") String> texts) {
        everyReplyIsKeptOrCountedAndNoTwoAreTheSame(texts);
    }

    @Property(tries = 80)
    void everyReplyIsKeptOrCountedAndNoTwoAreTheSame(@ForAll List<@net.jqwik.api.From("generated") String> texts) {
        CleanedReplies cleaned = CLEANING.clean(CONTEXT, texts.stream().map(text -> new RawReply(text, true)).toList());
        assertEquals(texts.size(),
                cleaned.kept().size() + cleaned.dropped().values().stream().mapToInt(i -> i).sum());
        assertEquals(cleaned.kept().size(),
                cleaned.kept().stream().map(NormalForm::of).collect(Collectors.toSet()).size());
    }
}
