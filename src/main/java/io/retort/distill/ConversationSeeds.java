package io.retort.distill;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The topics, personas and openers from which synthetic conversations are begun. Immutable.
 *
 * @param topics   what is talked about, as it stands after "about": {@code cooking for one}
 * @param personas who talks, as it stands after a name: {@code works nights as a nurse}
 * @param openers  first turns; {@link #TOPIC} stands for the topic
 */
public record ConversationSeeds(List<String> topics, List<String> personas, List<String> openers) {
    /** Placeholder in an opener that is replaced by the topic. */
    public static final String TOPIC = "{topic}";

    /** @throws BadInput if a list is empty, or there is but one persona for two speakers */
    public ConversationSeeds {
        topics = List.copyOf(topics);
        personas = List.copyOf(personas);
        openers = List.copyOf(openers);
        if (topics.isEmpty() || openers.isEmpty()) throw BadInput.of("no topic or no opener", "give one or more");
        if (personas.size() < 2) throw BadInput.of(personas.size() + " personas", "give two or more");
    }

    /**
     * Reads the lists from files with one text on each line; where no file is given, takes those that come with Retort.
     *
     * @throws BadInput if a file is no such list
     */
    public static ConversationSeeds of(Optional<Path> topics, Optional<Path> personas, Optional<Path> openers)
            throws IOException {
        return new ConversationSeeds(list(topics, "topics"), list(personas, "personas"), list(openers, "openers"));
    }

    private static List<String> list(Optional<Path> file, String name) throws IOException {
        return file.isPresent() ? LineList.read(file.get()) : LineList.bundled(name);
    }

    /** How one conversation begins: topic, who A and B are, A's first turn. */
    record Beginning(String topic, String personaA, String personaB, String opener) {}

    /** Draws the beginning of a conversation; the personas of A and B differ. */
    Beginning draw(SplittableRandom random) {
        String topic = topics.get(random.nextInt(topics.size()));
        int a = random.nextInt(personas.size());
        int b = (a + 1 + random.nextInt(personas.size() - 1)) % personas.size();
        String opener = openers.get(random.nextInt(openers.size())).replace(TOPIC, topic);
        return new Beginning(topic, personas.get(a), personas.get(b),
                opener.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + opener.substring(1));
    }
}
