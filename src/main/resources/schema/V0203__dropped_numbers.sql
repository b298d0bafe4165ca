-- A batch that only declares a loss stands for the last of the batches dropped: its own number counts.
COMMENT ON COLUMN loss.first_dropped IS
    'the first of the batch numbers dropped; as many follow as batches says, with sequence the last in a batch without rows';
