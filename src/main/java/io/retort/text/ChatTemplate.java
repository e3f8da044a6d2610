package io.retort.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.retort.files.BadInput;

/**
 * A model's chat template: the part of Jinja that such templates use (docs/prompts.md lists it), rendered as
 * transformers renders it, without tools and documents. What is not known is an error when it is met: a tag or
 * operator when the template is parsed, a filter, test or function when it is called. What messages say stays
 * untrusted through all that a template does to it, so none of it becomes a special token. Templates come with
 * untrusted files: their size, nesting and work are bounded. Immutable.
 */
public final class ChatTemplate {
    private final TemplateSource source;
    private final List<TemplateStatement> statements;

    private ChatTemplate(TemplateSource source) {
        this.source = source;
        statements = TemplateParser.parse(source);
    }

    /**
     * Parses a template.
     *
     * @throws BadInput if it uses what is not supported; the message says what and where
     */
    public static ChatTemplate parse(String template) {
        return new ChatTemplate(new TemplateSource(template));
    }

    /**
     * The prompt of these messages.
     *
     * @param addGenerationPrompt whether the head of the assistant's next message stands at the end
     * @param tokens special tokens by the names that templates give them, such as {@code bos_token}
     * @throws BadInput if the template refuses the messages, or meets what is not supported
     */
    public Prompt render(List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, String> tokens) {
        Map<String, TemplateValue> variables = new HashMap<>();
        tokens.forEach((name, token) -> variables.put(name, TemplateValue.trusted(token)));
        variables.put("messages", new TemplateValue.Sequence(messages.stream().map(ChatTemplate::value).toList()));
        variables.put("add_generation_prompt", TemplateValue.Bool.of(addGenerationPrompt));
        // transformers defines them too.
        variables.put("tools", TemplateValue.None.NONE);
        variables.put("documents", TemplateValue.None.NONE);
        return TemplateRendering.run(source, statements, TemplateScope.of(variables));
    }

    private static TemplateValue value(ChatMessage message) {
        return new TemplateValue.Mapping(Map.of("role", TemplateValue.trusted(message.role()), "content",
                new TemplateValue.Text(Prompt.untrusted(message.content()))), false);
    }
}
