package io.retort.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.retort.dialogue.Context;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Replies as SmolLM2-135M-Instruct wrote them, as it comes, to contexts of our own (bench/own-dialogues), and what people
 * answer that looks like them.
 */
class TeacherTextTest {
    private static final ReplyCleaning CLEANING = ReplyCleaning.standard();

    private static CleanedReplies cleaned(String newest, String reply) {
        return CLEANING.clean(Context.of(newest), List.of(new RawReply(reply, true)));
    }

    private static void becomes(String expected, String newest, String reply) {
        assertEquals(new CleanedReplies(List.of(expected), Map.of()), cleaned(newest, reply), reply);
    }

    private static void kept(String newest, String reply) {
        becomes(reply, newest, reply);
    }

    private static void dropped(DropReason reason, String newest, String reply) {
        assertEquals(new CleanedReplies(List.of(), Map.of(reason, 1)), cleaned(newest, reply), reply);
    }

    @Example
    void aYearOrATimeBeforeAReplyIsCutOff() {
        becomes("How does that tie in?", "Who won the club championship?", " 2022: How does that tie in?");
        becomes("I'm on my way.", "Where are you?", "[10:32] I'm on my way.");
        becomes("I'm on my way.", "Where are you?", "2024-05-01 10:32:07 - I'm on my way.");
        becomes("I'm on my way.", "Where are you?", "(10:32 PM) I'm on my way.");
        becomes("The year we met.", "I found an old photo.", "1999. The year we met.");
    }

    @Example
    void aNumberThatWasAskedForOrBelongsToTheSentenceStays() {
        kept("Which year was the best?", "1999 was a good year");
        kept("When did you meet?", "1999. We were both students.");
        kept("I can't decide.", "1999 was a good year");
        kept("What pets do you have?", "2 dogs and a cat");
        kept("When shall we meet?", "10:30 - I have to work before.");
        kept("Shall we meet?", "10:30 works for me.");
        kept("What's your favourite film?", "2001: A Space Odyssey, I think");
        kept("How many are there?", "20: a few more than last year");
    }

    @Example
    void theMarkOfOneListItemIsCutOffAndWholeListsAreDropped() {
        becomes("Add my profile picture", "Delete my account", " - Add my profile picture");
        becomes("Most likely the website where you are planning to find your taxes.", "Where do I find the invoice?",
                " 1. Most likely the website where you are planning to find your taxes.");
        dropped(DropReason.MARKUP, "What do I do?", "1. Call them\n2. Write to them");
        dropped(DropReason.MARKUP, "What do I do?", "1. Call them 2. Write to them");
    }

    @Example
    void speakersLabelsOfEveryKindAreCutOffAndEndATurnOnALineOfTheirOwn() {
        for (String label : List.of("Bob", "BOB", "Old Man", "Bob (smiling)", "Q", "me", "Guard 2", "Dr. Jones",
                "Keeper of the Gate")) {
            becomes("I'm fine, thanks.", "How are you?", label + ": I'm fine, thanks.");
            becomes("I'm fine, thanks.", "How are you?", "I'm fine, thanks.\n" + label + ": And you?");
        }
        becomes("I'm fine, thanks.", "How are you?", "I'm fine, thanks. Bob: And you?");
        for (String remark : List.of("Note: it rains.", "Fun fact: I can't swim.", "Fair Warning: I snore.",
                "One thing: bring a coat.", "EDIT: found it!", "PS: I love you", "That's right. Correction: it was 15.",
                "I like three bands: Blur, Pulp and Suede.")) {
            kept("Tell me.", remark);
        }
    }

    @Example
    void stageDirectionsAreDroppedAndAsidesOfPeopleAreNot() {
        dropped(DropReason.STAGE_DIRECTION, "Could I get a receipt for my fees?",
                " (nervously) No, I'd need a receipt to show you how to pay your taxes...");
        dropped(DropReason.STAGE_DIRECTION, "I think somebody stole my purse.",
                " (grinning) I can't remember the exact time of your conversation.");
        dropped(DropReason.STAGE_DIRECTION, "What's the quickest checkmate?",
                " (gesturing towards the board) A-B-A-B.");
        dropped(DropReason.STAGE_DIRECTION, "Could you shoe my horse?", "(nervously)");
        dropped(DropReason.STAGE_DIRECTION, "It's awfully quiet in here.", " (laughs) Oh, no, no! It's beautiful.");
        dropped(DropReason.STAGE_DIRECTION, "Hello?", "Scene: a dark forest, at night.");
        dropped(DropReason.STAGE_DIRECTION, "Hello?", "Sighs, I don't know any more.");
        for (String aside : List.of("It was (hopefully) the last time.", "(I think so, too)",
                "Sighs of relief all round!",
                "Enter the code and press the button.", "I have two (a cat and a dog)")) {
            kept("So what now?", aside);
        }
    }

    @Example
    void tasksAreDroppedAndAdviceIsNot() {
        for (String task : List.of("Choose the best answer.", "Which of the following is true?",
                "Write a short story about a dog.", "True or false: cats can swim.", "Fill in the blanks.",
                "Complete the following sentence.", "Describe the main character in your own words.",
                "The correct answer is B.", "Imagine you are a teacher.", "According to the passage, he left.")) {
            dropped(DropReason.TASK, "I had a long day.", task);
        }
        for (String advice : List.of("You should write a book about it!", "Write to her, she'd love it.",
                "Imagine the noise!", "I have two exams, one is multiple choice.", "Choose the red one.",
                "Describe it to me.", "Explain why you did that!")) {
            kept("I had a long day.", advice);
        }
    }

    @Example
    void questionsThatNobodyHereIsAskedAreDropped() {
        dropped(DropReason.QUESTION_TO_NOBODY, "Is the cooking pot dishwasher safe?",
                " What are the best way to prepare for a disaster?");
        dropped(DropReason.QUESTION_TO_NOBODY, "Which code is it, and what does the basket say?",
                " What is the difference between the 2-7-8 and 15-16-17?");
        dropped(DropReason.QUESTION_TO_NOBODY, "How heavy is the Trail 45 backpack?",
                " How many pages of the book is the couch?");
        dropped(DropReason.QUESTION_TO_NOBODY, "What's on next Tuesday?",
                " Does the restaurant have a special for the Easter holiday?");
        dropped(DropReason.QUESTION_TO_NOBODY, "I had soup today.", "What would you do if you were a bird?");
        for (String question : List.of("What would you do if you were me?", "What kind of soup?",
                "How was the soup made?",
                "What is your favorite movie of all time?", "What is going to happen?", "Is everything all right?",
                "Do you cook for them?")) {
            kept("I had soup today.", question);
        }
    }

    @Example
    void violenceComesOnlyWhereTheTalkIsOfIt() {
        dropped(DropReason.VIOLENCE, "My armour is too tight.", " I have a sword to cut your throat.");
        dropped(DropReason.VIOLENCE, "And if I refuse?", " I will be killed. You do not have to pay.");
        dropped(DropReason.VIOLENCE, "And if I refuse?", " What do I do? I\u2019ll be shot.");
        kept("I want to report a thief.", "The thief is a murderer.");
        kept("Did you see the horror film?", "Yes, he stabbed her in the end!");
        for (String harmless : List.of("I could kill for a pizza now.", "You're killing me!",
                "My feet were killing me.",
                "That cake is the bomb.", "I love Guns N' Roses.", "We play to kill time.", "He gave it his best shot.",
                "I only do bath bombs.", "It was shot in Spain.")) {
            kept("I had soup today.", harmless);
        }
    }

    @Example
    void theFirstEditionCleansAsItAlwaysDid() {
        ReplyCleaning first = CLEANING.withEdition(1);
        for (String text : List.of("2022: How does that tie in?", "(grinning) I can't remember.",
                "What are the best way to prepare for a disaster?", "I will be killed. You do not have to pay.")) {
            assertEquals(new CleanedReplies(List.of(text), Map.of()),
                    first.clean(Context.of("And if I refuse?"), List.of(new RawReply(text, true))));
        }
    }

    @Provide
    Arbitrary<String> written() {
        return Arbitraries.of("1. ", "2022: ", "[10:32] ", "- ", "(", ")", "Bob: ", "me: ", "a) ", "I see", "the town",
                "Step 2: ", "\n", ". ", "? ", "\"", "12:30 - ", "#3. ", "Old Man: ", "Note: ", "yes", "no ", "A ", "2 ")
                .list().ofMaxSize(12).map(parts -> String.join("", parts));
    }

    @Property(tries = 1000)
    void cleaningACleanReplyChangesNothing(@ForAll("written") String text, @ForAll boolean finished) {
        Context context = Context.of("And if I refuse?");
        for (String reply : CLEANING.clean(context, List.of(new RawReply(text, finished))).kept()) {
            becomes(reply, "And if I refuse?", reply);
        }
    }
}
