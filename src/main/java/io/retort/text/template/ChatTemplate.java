package io.retort.text.template;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.retort.files.BadInput;
import io.retort.text.Prompt;

/**
 * A model's chat template: the part of Jinja that such templates use (docs/prompts.md lists it), rendered as
 * transformers renders it, without tools and documents. What is not known is an error when it is met: a tag or
 * operator when the template is parsed, a filter, test or function when it is called. What messages say stays
 * untrusted through all that a template does to it, so none of it becomes a special token. Templates come with
 * untrusted files: their size, nesting and work are bounded. Immutable.
 */
public final class ChatTemplate {
    private final Source source;
    private final List<Statement> statements;

    private ChatTemplate(Source source) {
        this.source = source;
        statements = StatementParser.parse(source);
    }

    /**
     * Parses a template.
     *
     * @throws BadInput if it uses what is not supported; the message says what and where
     */
    public static ChatTemplate parse(String template) {
        return new ChatTemplate(new Source(template));
    }

    /**
     * The prompt of these messages.
     *
     * @param addGenerationPrompt whether the head of the assistant's next message stands at the end
     * @param tokens special tokens by the names that templates give them, such as {@code bos_token}
     * @throws BadInput if the template refuses the messages, or meets what is not supported
     */
    public Prompt render(List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, String> tokens) {
        Map<String, Value> variables = new HashMap<>(Rendering.builtins());
        tokens.forEach((name, token) -> variables.put(name, Value.trusted(token)));
        variables.put("messages", new Value.Sequence(messages.stream().map(ChatTemplate::value).toList()));
        variables.put("add_generation_prompt", Value.Bool.of(addGenerationPrompt));
        // transformers defines them too.
        variables.put("tools", Value.None.NONE);
        variables.put("documents", Value.None.NONE);
        return Rendering.run(source, statements, Scope.of(variables).inner());
    }

    private static Value value(ChatMessage message) {
        Map<String, Value> members = new LinkedHashMap<>();
        members.put("role", Value.trusted(message.role()));
        members.put("content", new Value.Text(Prompt.untrusted(message.content())));
        return new Value.Mapping(members, false);
    }
}
