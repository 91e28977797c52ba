"""Early-warning signals: detectors behind one contract. So far the reference methods, judged against published outputs."""
