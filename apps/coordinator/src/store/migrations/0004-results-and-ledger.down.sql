DROP TABLE ledger_cosignature;
DROP TABLE ledger_checkpoint;
DROP TABLE refusal;
DROP TABLE sealed_result_recipient;
DROP TABLE sealed_result;
