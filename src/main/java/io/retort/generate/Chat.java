package io.retort.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.text.template.ChatMessage;
import io.retort.text.template.ChatTemplate;
import io.retort.text.Prompt;
import io.retort.text.SpecialTokens;
import io.retort.text.Tokenizer;

/**
 * A conversation in the model's own chat template. The newest turn is the user's, the one before it the assistant's,
 * and so on back. P(r) is taken after the system message and the head of the assistant's message, or where a template
 * wants a user's message first, after an empty one.
 */
public final class Chat implements PromptFormat {
    /** A system message that asks for short turns as people write them. */
    public static final String HUMAN = "You are a person chatting with a friend. Reply in one or two short, casual "
            + "sentences, as people do when they talk. Never mention being an AI or an assistant. No lists, no emojis, "
            + "no stage directions.";
    private static final String PROBE = "x";
    private static final String OTHER = "y";

    /** Separates a system message from the user's words, where the template knows no system messages. */
    private static final String APART = "\n\n";
    private static final Logger LOG = LoggerFactory.getLogger(Chat.class);

    private final ChatTemplate template;
    private final String system;
    private final ControlTokens control;
    /** Whether the template has no place for a system message, so that it is said by the first user. */
    private final boolean saidByUser;
    private final boolean assistantFirst;
    private final Prompt unconditional;
    private final Prompt closing;

    /**
     * @param template the model's
     * @param system system message; none if empty, though many templates then bring one of their own. A template that
     * has no place for it gets it in front of the first user's words
     * @param control the model's special tokens
     * @param tokenizer the model's
     * @throws BadInput if the template cannot be rendered or leaves out what is said, with the reason
     */
    public Chat(ChatTemplate template, String system, ControlTokens control, Tokenizer tokenizer) {
        this.template = template;
        this.system = system.isBlank() ? "" : system;
        this.control = control;
        saidByUser = !this.system.isEmpty() && refusesSystem();
        requireMessages();
        assistantFirst = !saidByUser && renders(List.of(PROBE, PROBE));
        unconditional = render(!saidByUser && renders(List.of()) ? List.of() : List.of(""), true);
        closing = closing(tokenizer);
    }

    private boolean refusesSystem() {
        ChatMessage message = new ChatMessage("system", system), user = new ChatMessage("user", PROBE);
        Prompt without;
        try {
            without = render(List.of(user));
        } catch (BadInput e) {
            return false; // It refuses more than that, and is to say so.
        }
        try {
            if (!render(List.of(message, user)).equals(without)) return false;
        } catch (BadInput e) {
            // It has no place for the message.
        }
        LOG.warn("the chat template has no place for a system message: the instruction stands before the first user's "
                + "words");
        return true;
    }

    /**
     * Refuses a template that writes nothing of the messages given to it, and warns of one that leaves out the
     * assistant's, since the model would see another conversation.
     */
    private void requireMessages() {
        if (render(List.of(PROBE), true).equals(render(List.of(OTHER), true))) {
            throw BadInput.of("the chat template writes nothing of the messages",
                    "use the prompt form `continuation`, or take the template that belongs to the model");
        }
        if (renders(List.of(PROBE, PROBE, PROBE)) && render(List.of(PROBE, PROBE, PROBE), true)
                .equals(render(List.of(PROBE, OTHER, PROBE), true))) {
            LOG.warn("the chat template leaves out the assistant's messages: the model reads the user's alone");
        }
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
        if (!system.isEmpty() && !saidByUser) messages.add(new ChatMessage("system", system));
        for (int i = 0; i < turns.size(); i++) {
            boolean user = (turns.size() - i) % 2 == (open ? 1 : 0);
            String text = saidByUser && i == 0 ? afterSystem(turns.getFirst()) : turns.get(i);
            messages.add(new ChatMessage(user ? "user" : "assistant", text));
        }
        return template.render(messages, open, control.named());
    }

    private String afterSystem(String turn) {
        return turn.isEmpty() ? system : system + APART + turn;
    }

    /** Renders messages, after which the assistant's reply is to follow, by the template. */
    private Prompt render(List<ChatMessage> messages) {
        return template.render(messages, true, control.named());
    }

    /**
     * What the template writes after an assistant's message, up to the first special token; what follows that is
     * written before the next message and no longer the assistant's. A template may leave its last message open, for
     * the model to go on: what it ends a message with shows when another follows.
     */
    private Prompt closing(Tokenizer tokenizer) {
        List<Prompt.Piece> pieces = render(List.of(PROBE, PROBE), false).pieces();
        SpecialTokens special = tokenizer.specialTokens();
        if (!pieces.isEmpty() && pieces.getLast().trusted()) {
            String last = pieces.getLast().text();
            return Prompt.trusted(upTo(special.firstIn(last), last).orElse(last));
        }
        try {
            String between = between();
            Optional<String> first = special.firstIn(between);
            // A token that begins messages ends none.
            boolean begins = first.isPresent() && first.equals(special.firstIn(head()));
            return begins ? Prompt.empty() : upTo(first, between).map(Prompt::trusted).orElse(Prompt.empty());
        } catch (BadInput e) {
            return Prompt.empty();
        }
    }

    private static Optional<String> upTo(Optional<String> token, String text) {
        return token.map(found -> text.substring(0, text.indexOf(found) + found.length()));
    }

    /** The text that the template writes between an assistant's message and the user's next one. */
    private String between() {
        List<Prompt.Piece> pieces = render(List.of(PROBE, PROBE, PROBE), true).pieces();
        List<Integer> said = IntStream.range(0, pieces.size()).filter(i -> !pieces.get(i).trusted()).boxed().toList();
        if (said.size() < 2) return "";
        int from = said.get(said.size() - 2), to = said.getLast();
        return pieces.subList(from + 1, to).stream().map(Prompt.Piece::text).collect(Collectors.joining());
    }

    /** What is written between a user's message and the assistant's that is asked for, less what ends the user's. */
    private String head() {
        List<ChatMessage> user = List.of(new ChatMessage("user", PROBE));
        String closed = template.render(user, false, control.named()).text(), open = render(user).text();
        return open.startsWith(closed) ? open.substring(closed.length()) : "";
    }

    /**
     * The texts that a chat template writes around the messages of a conversation.
     *
     * @param beforeUser      before a conversation whose first message is the user's, its head included
     * @param beforeAssistant before one whose first is the assistant's; empty where the template refuses it
     * @param toAssistant     between a user's message and the assistant's
     * @param toUser          between the end of the assistant's message, as {@link #reply} has it, and the user's
     */
    public record Frame(Prompt beforeUser, Optional<Prompt> beforeAssistant, Prompt toAssistant, Prompt toUser) {
    }

    /**
     * Finds out what the template writes around the messages of any conversation.
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
            Prompt.Piece piece = pieces.get(i);
            if (piece.trusted()) continue;
            boolean first = turn == turns.size() - 1;
            if (!piece.text().equals(saidByUser && first ? afterSystem(PROBE) : PROBE)) throw uneven();
            if (turn > 0) around.addFirst(new Prompt(pieces.subList(i + 1, end)));
            end = i;
            turn++;
        }
        Prompt before = new Prompt(pieces.subList(0, end));
        around.addFirst(saidByUser
                ? before.then(Prompt.untrusted(afterSystem(PROBE).substring(0,
                        afterSystem(PROBE).length() - PROBE.length())))
                : before);
        return around;
    }

    private static BadInput uneven() {
        return BadInput.of("the chat template writes earlier messages otherwise than those that are to be answered",
                "use the prompt form `continuation`");
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
