package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.dialogue.Context;
import io.retort.generate.Continuation;
import io.retort.generate.ControlTokens;
import io.retort.generate.PromptChoice;
import java.util.List;

/**
 * A context as a server reads it: the text that a language model in this process would be given, to which the server
 * adds its model's first token if it has one, or messages, of which the newest is the user's.
 */
final class RemotePrompt {
    private final PromptChoice choice;
    private final Continuation continuation;

    RemotePrompt(PromptChoice choice) {
        this.choice = choice;
        this.continuation = choice.form() == PromptChoice.Form.CHAT
                ? Continuation.plain(ControlTokens.none())
                : new Continuation(choice.header(), ControlTokens.none());
    }

    /** Most turns of a context that are sent: a chat begins with the user, for many templates take no other. */
    int most(Context context) {
        int turns = context.turns().size();
        return choice.form() == PromptChoice.Form.CHAT && turns % 2 == 0 ? turns - 1 : turns;
    }

    /** Adds a context to a request. */
    void writeTo(ObjectNode body, Context context) {
        if (choice.form() != PromptChoice.Form.CHAT) {
            body.put("prompt", text(context));
            return;
        }
        ArrayNode messages = body.putArray("messages");
        String system = String.join(" ", choice.header());
        if (!system.isEmpty()) messages.addObject().put("role", "system").put("content", system);
        List<String> turns = context.turns();
        for (int i = 0; i < turns.size(); i++) {
            boolean isUser = (turns.size() - i) % 2 == 1;
            messages.addObject().put("role", isUser ? "user" : "assistant").put("content", turns.get(i));
        }
    }

    /** A context as a text to be gone on with. */
    String text(Context context) {
        return continuation.prompt(context).text();
    }

    /** What stands before a reply that has no context. */
    String unconditional() {
        return continuation.unconditional().text();
    }

    /** A reply as it goes on with either text, with its line's end. */
    String reply(String reply) {
        return continuation.reply(reply).text();
    }
}
