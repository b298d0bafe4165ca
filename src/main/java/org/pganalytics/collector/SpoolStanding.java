package org.pganalytics.collector;

/** What a server's mark did to the spool. @param textsGone whether the server may lack what was settled before */
record SpoolStanding(BatchSource.Course course, boolean textsGone) {}
