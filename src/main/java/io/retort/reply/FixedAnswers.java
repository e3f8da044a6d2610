package io.retort.reply;

import io.retort.files.BadInput;
import io.retort.files.JsonLines;
import io.retort.files.JsonRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Answers that do not depend on what an index holds, for the few things that everybody says to a bot: hello, who are
 * you, are you a bot, what can you do, thanks, bye. A turn is recognised as a whole, whatever its case, punctuation and
 * white space, with a word of address before or after it ("hey, who are you then?"), and never by a part of it: "thanks
 * to my brother I got the job" is no thanks. Immutable; any thread.
 */
public final class FixedAnswers {
    /** Ends the name of a file that lies beside an index and holds its fixed answers. */
    private static final String BESIDE = ".answers.jsonl";
    private static final List<String> BEFORE = List.of("hey", "hi", "hello", "ok", "okay", "well", "so", "oh", "um",
            "and", "but", "alright", "great", "cool", "thanks", "thank you", "please", "tell me", "sorry", "wait", "actually", "really");
    private static final List<String> AFTER = List.of("please", "then", "now", "again", "there", "bot", "friend", "man",
            "mate", "dude", "buddy", "everyone", "all", "so much", "very much", "a lot", "anyway", "actually", "really",
            "exactly", "for now", "for today");
    /** A longer turn says more than one of the phrasings, however many words of it only address somebody. */
    private static final int MOST_LETTERS = 100;
    private static final FixedAnswers STANDARD = new FixedAnswers(List.of(
            answer("hello", "hello|hi|hey|hiya|howdy|yo|good morning|good afternoon|good evening|greetings|hi hi|"
                    + "hello hello|hey hey|hello bot|hi bot", "Hello! What is on your mind?",
                    "Hi! What would you like to talk about?"),
            answer("who", "who are you|what are you|who r u|who is this|who am i talking to|who am i speaking to|"
                    + "who am i chatting with|whats your name|what is your name|do you have a name|your name|"
                    + "introduce yourself|who is there|whos there|what should i call you",
                    "I am a program that finds replies: of many that were written before, I say the one that fits best."),
            answer("bot", "are you a bot|are you a robot|are you bot|are you an ai|are you ai|are you a machine|"
                    + "are you a computer|are you a program|are you human|are you a human|are you a person|"
                    + "are you a real person|are you real|are you a chatbot|are you a human or a bot|"
                    + "are you a bot or a human|is this a bot|am i talking to a bot|am i talking to a machine|"
                    + "am i talking to a human|am i talking to a real person|am i speaking to a bot|you are a bot|"
                    + "youre a bot|is this a real person|are you a language model",
                    "Yes, I am a program, not a person."),
            answer("abilities", "what can you do|how can you help|how can you help me|"
                    + "what can i ask you|what can i ask|what are you able to do|what are you good at|"
                    + "what can we talk about|how do you work|help",
                    "I talk: say something, and I answer with the reply that fits best. I know no facts for certain."),
            answer("thanks", "thanks|thank you|thankyou|thx|ty|tysm|thank u|many thanks|thanks a bunch|"
                    + "thanks for your help|thank you for your help|thanks for the help|thank you for the help|"
                    + "thanks for that|thanks for everything|i appreciate it|much appreciated|cheers",
                    "You are welcome!", "My pleasure."),
            answer("bye", "bye|goodbye|good bye|bye bye|byebye|see you|see ya|cya|see you later|see ya later|"
                    + "talk to you later|ttyl|good night|goodnight|have a nice day|have a good day|have a good one|"
                    + "take care|farewell|i have to go|i have to go now|i must go|i gotta go|gotta go|got to go|"
                    + "i need to go|im off|see you soon|until next time", "Goodbye! It was nice to talk to you.",
                    "Bye, take care!")));

    private final Map<String, Answer> byName = new LinkedHashMap<>();
    private final Map<String, Answer> byWords = new LinkedHashMap<>();

    /**
     * One answer and what it answers.
     *
     * @param name of the answer, by which another takes its place
     * @param to   what people say to get it, each in a few phrasings; none to have no such answer
     * @param say  the answer, and others to be said in turn
     */
    public record Answer(String name, List<String> to, List<String> say) {
        /** @throws IllegalArgumentException if there is no name, or no text for what people may say */
        public Answer {
            to = List.copyOf(to);
            say = List.copyOf(say);
            if (name.isBlank()) throw new IllegalArgumentException("name is empty");
            if (!to.isEmpty() && say.isEmpty()) throw new IllegalArgumentException("say is empty");
        }
    }

    /**
     * An answer that was found for a turn.
     *
     * @param phrasing which of the phrasings the turn was
     */
    public record Match(Answer answer, String phrasing) {
    }

    private FixedAnswers(List<Answer> answers) {
        for (Answer answer : answers) byName.put(answer.name(), answer);
        for (Answer answer : byName.values()) {
            for (String phrasing : answer.to()) byWords.put(Echoes.words(phrasing), answer);
        }
    }

    private static Answer answer(String name, String to, String... say) {
        return new Answer(name, Arrays.asList(to.split("\\|")), Arrays.asList(say));
    }

    /** The few answers that come with Retort, in English. */
    public static FixedAnswers standard() {
        return STANDARD;
    }

    /** No answers: everything is answered out of the index. */
    public static FixedAnswers none() {
        return new FixedAnswers(List.of());
    }

    /** These answers and others, which take the place of those of the same name and come before the rest. */
    public FixedAnswers with(List<Answer> others) {
        List<Answer> all = new ArrayList<>(byName.values());
        all.removeIf(each -> others.stream().anyMatch(other -> other.name().equals(each.name())));
        all.addAll(others); // last, so that their phrasings win
        return new FixedAnswers(all);
    }

    /**
     * Reads answers from a file of JSON lines, such as {@code {"name": "bot", "to": ["are you a bot"], "say": ["Yes."]}};
     * without {@code "to"} an answer takes the phrasings of the one in whose place it comes, and with an empty list there
     * it does away with it.
     *
     * @throws BadInput if a line is none
     */
    public FixedAnswers with(Path file) throws IOException {
        List<Answer> others = new ArrayList<>();
        try (JsonLines lines = JsonLines.open(file)) {
            while (lines.hasNext()) others.add(read(lines.next()));
        }
        return with(others);
    }

    private Answer read(JsonRecord line) {
        String name = line.filledText("name");
        Answer there = byName.get(name);
        if (!line.has("to") && there == null) {
            throw line.fault("to", "is missing, and no answer \"" + name + "\" comes with Retort",
                    "list what people say, or use one of the names " + String.join(", ", byName.keySet()));
        }
        List<String> to = line.has("to") ? line.texts("to") : there.to();
        for (String phrasing : to) {
            if (phrasing.isBlank()) throw line.fault("to", "holds an empty text", "remove it");
        }
        List<String> say = line.optionalTexts("say");
        if (!to.isEmpty() && say.stream().allMatch(String::isBlank)) {
            throw line.fault("say", "holds no text", "give an answer, or an empty list \"to\" to have none");
        }
        return new Answer(name, to, say);
    }

    /** The file beside an index that holds its fixed answers, if there is one. */
    public static Optional<Path> beside(Path index) {
        Path file = index.resolveSibling(index.getFileName() + BESIDE);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /** The names of all answers. */
    public Set<String> names() {
        return Set.copyOf(byName.keySet());
    }

    /** The answer to a turn, if it is one of those that have one. */
    public Optional<Match> find(String turn) {
        return of(Echoes.words(turn));
    }

    /** Looks for the words and then, as long as some are left, for them without one that only addresses somebody. */
    private Optional<Match> of(String words) {
        if (byWords.containsKey(words)) return Optional.of(new Match(byWords.get(words), words));
        if (words.length() > MOST_LETTERS) return Optional.empty();
        return Stream.concat(
                BEFORE.stream().filter(word -> words.startsWith(word + " "))
                        .map(word -> words.substring(word.length() + 1)),
                AFTER.stream().filter(word -> words.endsWith(" " + word))
                        .map(word -> words.substring(0, words.length() - word.length() - 1)))
                .flatMap(left -> of(left).stream()).findFirst();
    }
}
