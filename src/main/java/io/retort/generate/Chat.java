package io.retort.generate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.text.ChatMessage;
import io.retort.text.ChatTemplate;
import io.retort.text.Prompt;
import io.retort.text.Tokenizer;

/**
 * A conversation in the model's own chat template. The newest turn is the user's, the one before it the assistant's,
 * and so on back. P(r) is taken after the system message and the head of the assistant's message, or where a template
 * wants a user's message first, after an empty one.
 */
public final class Chat implements PromptFormat {
    /** System message made for short turns as people write them. */
    public static final String HUMAN = "You are a person chatting with a friend. Reply in one or two short, casual "
            + "sentences, as people do when they talk. Never mention being an AI or an assistant. No lists, no emojis, "
            + "no stage directions.";
    private static final String PROBE = "x";

    private final ChatTemplate template;
    private final String system;
    private final ControlTokens control;
    private final Map<String, String> tokens = new HashMap<>();
    private final boolean assistantFirst;
    private final Prompt unconditional;
    private final Prompt closing;

    /**
     * @param template the model's
     * @param system system message; none if empty, though many templates then bring one of their own
     * @param control the model's special tokens
     * @param tokenizer the model's
     * @throws BadInput if the template cannot be rendered, with the reason
     */
    public Chat(ChatTemplate template, String system, ControlTokens control, Tokenizer tokenizer) {
        this.template = template;
        this.system = system;
        this.control = control;
        if (!control.begin().isEmpty()) tokens.put("bos_token", control.begin());
        if (!control.end().isEmpty()) tokens.put("eos_token", control.end());
        assistantFirst = renders(List.of(PROBE, PROBE));
        unconditional = render(renders(List.of()) ? List.of() : List.of(""), true);
        closing = closing(tokenizer);
    }

    private boolean renders(List<String> turns) {
        try {
            render(turns, true);
            return true;
        } catch (BadInput e) {
            return false;
        }
    }

    private Prompt render(List<String> turns, boolean open) {
        List<ChatMessage> messages = new ArrayList<>();
        if (!system.isEmpty()) messages.add(new ChatMessage("system", system));
        for (int i = 0; i < turns.size(); i++) {
            boolean user = (turns.size() - i) % 2 == (open ? 1 : 0);
            messages.add(new ChatMessage(user ? "user" : "assistant", turns.get(i)));
        }
        return template.render(messages, open, tokens);
    }

    /**
     * What the template writes after an assistant's message, up to the first special token; what follows that is
     * written before the next message and no longer the assistant's.
     */
    private Prompt closing(Tokenizer tokenizer) {
        Prompt.Piece last = render(List.of(PROBE, PROBE), false).pieces().getLast();
        if (!last.trusted()) return Prompt.empty();
        String text = last.text();
        return Prompt.trusted(tokenizer.specialTokens().firstIn(text)
                .map(token -> text.substring(0, text.indexOf(token) + token.length())).orElse(text));
    }

    /**
     * What the template writes around messages.
     *
     * @param beforeUser      before a conversation whose first message is the user's, its head included
     * @param beforeAssistant before one whose first is the assistant's; empty where the template refuses it
     * @param toAssistant     between a user's message and the assistant's
     * @param toUser          between the end of the assistant's message, as {@link #reply} has it, and the user's
     */
    public record Frame(Prompt beforeUser, Optional<Prompt> beforeAssistant, Prompt toAssistant, Prompt toUser) {
    }

    /**
     * What stands around the messages of any conversation.
     *
     * @throws BadInput if that depends on more than their roles, so that a conversation is not what is left of its
     *                  prompts and replies
     */
    public Frame frame() {
        List<Prompt> around = around(List.of(PROBE, PROBE, PROBE, PROBE));
        Prompt said = Prompt.untrusted(PROBE), user = around.get(0), toAssistant = around.get(1),
                between = around.get(2);
        String end = closing.text();
        if (!between.text().startsWith(end)) throw uneven();
        Prompt toUser = Prompt.trusted(between.text().substring(end.length()));
        Prompt twice = user.then(said).then(toAssistant).then(reply(PROBE)).then(toUser).then(said).then(toAssistant);
        if (!prompt(Context.of(PROBE)).equals(user.then(said).then(toAssistant))
                || !prompt(Context.of(PROBE, PROBE, PROBE)).equals(twice)) {
            throw uneven();
        }
        Optional<Prompt> assistant = assistantFirst
                ? Optional.of(around(List.of(PROBE, PROBE, PROBE)).getFirst())
                : Optional.empty();
        return new Frame(user, assistant, toAssistant, toUser);
    }

    /** What stands before each message of a conversation that ends with the assistant's. */
    private List<Prompt> around(List<String> turns) {
        List<Prompt.Piece> pieces = render(turns, false).pieces();
        List<Prompt> around = new ArrayList<>();
        int end = pieces.size();
        for (int turn = 0, i = pieces.size() - 1; turn < turns.size(); i--) {
            if (i < 0) throw uneven();
            if (pieces.get(i).trusted()) continue;
            if (!pieces.get(i).text().equals(PROBE)) throw uneven();
            if (turn > 0) around.addFirst(new Prompt(pieces.subList(i + 1, end)));
            end = i;
            turn++;
        }
        around.addFirst(new Prompt(pieces.subList(0, end)));
        return around;
    }

    private static BadInput uneven() {
        return BadInput.of("the chat template writes earlier messages otherwise than those that are to be answered",
                "learn dialogues as continuations instead");
    }

    @Override
    public boolean admits(Context context) {
        return assistantFirst || context.turns().size() % 2 == 1;
    }

    @Override
    public Prompt prompt(Context context) {
        return render(context.turns(), true);
    }

    @Override
    public Prompt unconditional() {
        return unconditional;
    }

    @Override
    public Prompt reply(String reply) {
        return Prompt.untrusted(reply.strip()).then(closing);
    }

    /**
     * The tokens that end a text and a message; where a template ends messages without a special token, the text that
     * it ends them with.
     */
    @Override
    public StopRules stops(Tokenizer tokenizer) {
        Optional<String> ofMessage = tokenizer.specialTokens().firstIn(closing.text());
        boolean byText = ofMessage.isEmpty() && !closing.text().isEmpty();
        return new StopRules(byText ? List.of(closing.text()) : List.of(),
                control.endIds(tokenizer, ofMessage));
    }
}
