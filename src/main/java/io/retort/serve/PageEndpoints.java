package io.retort.serve;

import io.retort.serve.Gate.Access;
import java.io.IOException;
import java.util.Optional;

/** Everything that serves people who come by a browser: the page and what it asks for. */
final class PageEndpoints implements AutoCloseable {
    private final PageFiles files = new PageFiles();
    private final TalkEndpoint talk;
    private final FeedbackEndpoint feedback;
    private final Choices choices;
    private final Optional<StudyEndpoints> study;

    private PageEndpoints(TalkEndpoint talk, FeedbackEndpoint feedback, Choices choices,
            Optional<StudyEndpoints> study) {
        this.talk = talk;
        this.feedback = feedback;
        this.choices = choices;
        this.study = study;
    }

    static PageEndpoints open(ServeSettings settings, PageSettings people, ServerMetrics metrics, Gate gate,
            Deployment deployment) throws IOException {
        return new PageEndpoints(new TalkEndpoint(deployment, settings, metrics),
                new FeedbackEndpoint(deployment, settings, people), new Choices(deployment, gate, settings, people),
                StudyEndpoints.open(people));
    }

    PageFiles files() {
        return files;
    }

    /** Adds the routes; those of a study say so where there is none. */
    Gate.Routes on(Gate.Routes routes) {
        return routes.on("GET", "/", Access.ANYBODY, files::index)
                .on("GET", "/page/{file}", Access.ANYBODY, files::file)
                .on("POST", "/v1/talk", Access.CLIENTS, talk::talk)
                .on("POST", "/v1/feedback", Access.CLIENTS, feedback::keep)
                .on("GET", "/v1/server", Access.CLIENTS, choices::tell)
                .on("POST", "/v1/server", Access.OWNERS, choices::choose)
                .on("GET", "/study", Access.ANYBODY, call -> {
                    study();
                    files.study(call);
                }).on("POST", "/v1/study/next", Access.CLIENTS, call -> study().next(call))
                .on("POST", "/v1/study/vote", Access.CLIENTS, call -> study().vote(call));
    }

    private StudyEndpoints study() {
        return study.orElseThrow(() -> Fault.of(404, "no_study", "this server was started without a study"));
    }

    @Override
    public void close() throws IOException {
        try (feedback) {
            if (study.isPresent()) study.get().close();
        }
    }
}
