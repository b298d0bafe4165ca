/** The benches of {@code perf/run}: what the program reaches, measured against the database itself and against its peers. */
package org.pganalytics.perf;
