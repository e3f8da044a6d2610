/**
 * A language model behind HTTP as a teacher: OpenAI's protocol for replies, and each kind of server's own way to
 * likelihoods, which is tried and checked before anything is asked.
 *
 * {@snippet :
 * RemoteTeacherSettings settings = RemoteTeacherSettings.of(URI.create("http://127.0.0.1:8000/v1"));
 * try (Teacher teacher = RemoteTeacher.open(settings)) {
 *     new GenerateJob(replies, distilled).run(teacher, RecordsListener.none());
 * }
 * }
 *
 * <p>Entry type: {@link io.retort.teacher.remote.RemoteTeacher}. A part of the room {@code teacher}, whose rules are its
 * own: what the other rooms know of it is {@link io.retort.teacher.Teacher}.
 */
package io.retort.teacher.remote;
