package io.retort.study;

import io.retort.files.BadInput;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** What a judge sees, and what is asked. */
public enum StudyForm {
    /** Two replies to one context, of which the better is chosen. */
    SIDE_BY_SIDE(2, "Which is the better reply to what was said?", pair()),
    /** Two whole conversations, as in ACUTE-Eval, of which the better is chosen. */
    SELF_CHATS(2, "Which speaker would you rather talk to for a long conversation?", pair()),
    /** One reply, which makes sense or not, and is specific or not, as Meena's makers asked (SSA). */
    SENSIBLE_SPECIFIC(1, "Does the reply make sense here, and is it specific to what was said?",
            List.of(new Choice("1", "sensible+specific", "makes sense, and is specific to what was said"),
                    new Choice("2", "sensible", "makes sense, and would do in many other places"),
                    new Choice("3", "neither", "makes no sense here"))),
    /** One reply, rated from 1 to 5. */
    LIKERT(1, "How good is the reply to what was said?", List.of(new Choice("1", "1", "very bad"),
            new Choice("2", "2", "bad"), new Choice("3", "3", "fair"), new Choice("4", "4", "good"),
            new Choice("5", "5", "very good")));

    static final String LEFT = "left", RIGHT = "right", TIE = "tie";

    private final int sides;
    private final String question;
    private final List<Choice> choices;

    StudyForm(int sides, String question, List<Choice> choices) {
        this.sides = sides;
        this.question = question;
        this.choices = choices;
    }

    /**
     * One of the answers that a judge may give.
     *
     * @param key    typed for it
     * @param answer as files have it
     * @param label  for people
     */
    public record Choice(String key, String answer, String label) {
    }

    private static List<Choice> pair() {
        return List.of(new Choice("1", LEFT, "the first"), new Choice("2", RIGHT, "the second"),
                new Choice("t", TIE, "neither is better"));
    }

    /** Number of systems that one item shows: two to choose from, or one to judge. */
    public int sides() {
        return sides;
    }

    /** Whether two systems are compared within an item. */
    public boolean isPaired() {
        return sides == 2;
    }

    /** Whether whole conversations are shown, and not replies to a context. */
    public boolean isOfChats() {
        return this == SELF_CHATS;
    }

    /** What judges are asked where a plan says nothing else. */
    public String question() {
        return question;
    }

    /** The answers that a judge may give, in the order in which they are shown. */
    public List<Choice> choices() {
        return choices;
    }

    /** The name of the form in files. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Whether an answer is one of the form's. */
    public boolean takes(String answer) {
        return choices.stream().anyMatch(choice -> choice.answer.equals(answer));
    }

    /** @throws BadInput if an answer is none of the form's */
    void require(String answer) {
        if (!takes(answer)) {
            throw BadInput.of("\"" + answer + "\" is no answer of a study of the form " + label(), "answer one of "
                    + choices.stream().map(Choice::answer).collect(Collectors.joining(", ")));
        }
    }

    static java.util.Optional<StudyForm> labelled(String label) {
        return Arrays.stream(values()).filter(form -> form.label().equals(label)).findFirst();
    }
}
