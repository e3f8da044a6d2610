package io.retort.cli;

/**
 * What the launcher lets the JVM watch, once after a build, to start quickly from then on: an answer and a chat, as people
 * ask for them. The turns of the chat come from standard input.
 */
final class StartLesson {
    private StartLesson() {}

    /** Runs the lesson. */
    static void main() {
        Main.run("reply", "--context", "i lost my keys again", "-k", "3");
        Main.run("reply", "--context", "i lost my keys again", "--json");
        System.exit(Main.run("chat"));
    }
}
