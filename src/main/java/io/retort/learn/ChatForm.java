package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.generate.Chat;
import io.retort.lm.TrainingText;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Messages in the model's chat template: the model learns those of the assistant, each with the sign of its end, and
 * reads all else. What is read and what is learned are encoded apart, as when a reply is generated.
 */
final class ChatForm implements DialogueForm {
    private final Chat format;
    private final Tokenizer tokenizer;
    private final Chat.Frame frame;
    private final int opening;
    private final int around;

    /** @throws BadInput if the template writes earlier messages otherwise than those that are to be answered */
    ChatForm(Chat format, Tokenizer tokenizer) {
        this.format = format;
        this.tokenizer = tokenizer;
        this.frame = format.frame();
        int user = frame.beforeUser().encode(tokenizer).length;
        int assistant = frame.beforeAssistant().map(prompt -> prompt.encode(tokenizer).length).orElse(0);
        this.opening = Math.max(user, assistant);
        this.around = frame.toAssistant().encode(tokenizer).length + frame.toUser().encode(tokenizer).length;
    }

    @Override
    public int[] turn(String text) {
        return format.reply(text).encode(tokenizer);
    }

    @Override
    public int size(List<int[]> turns) {
        return opening + turns.stream().mapToInt(turn -> turn.length).sum() + Math.ceilDiv(turns.size(), 2) * around;
    }

    @Override
    public boolean teaches(int turns) {
        return turns > 1 || frame.beforeAssistant().isPresent();
    }

    @Override
    public TrainingText text(DialogueWindow window, boolean replierFirst, int longest) {
        LearnedTokens text = tokens(window, replierFirst, longest);
        return (text.teaches() ? text : tokens(window, !replierFirst, longest)).text();
    }

    /** The assistant's first turn is left out where the template wants the user's first; the user's last always is. */
    private LearnedTokens tokens(DialogueWindow window, boolean replierFirst, int longest) {
        LearnedTokens text = new LearnedTokens();
        List<String> turns = window.turns();
        int first = replierFirst && frame.beforeAssistant().isEmpty() ? 1 : 0;
        boolean assistant = replierFirst && first == 0;
        if (assistant) text.add(frame.beforeAssistant().get().encode(tokenizer), false);
        for (int i = first; i < turns.size(); i++, assistant = !assistant) {
            if (assistant) text.add(cut(turn(turns.get(i)), longest), i >= window.heard());
            else if (i + 1 < turns.size()) addUser(text, i == first, turns.get(i).strip(), longest);
        }
        return text;
    }

    private void addUser(LearnedTokens text, boolean first, String turn, int longest) {
        Prompt before = first ? frame.beforeUser() : frame.toUser();
        int[] said = Prompt.untrusted(turn).encode(tokenizer);
        if (said.length <= longest) {
            text.add(before.then(Prompt.untrusted(turn)).then(frame.toAssistant()).encode(tokenizer), false);
        } else {
            text.add(before.encode(tokenizer), false).add(cut(said, longest), false)
                    .add(frame.toAssistant().encode(tokenizer), false);
        }
    }

    private static int[] cut(int[] turn, int longest) {
        return turn.length > longest ? Arrays.copyOf(turn, longest) : turn;
    }
}
