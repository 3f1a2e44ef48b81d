# node known-answers/write-glm-rows.ts > rows.csv ; Rscript known-answers/generated-penalised.R rows.csv SHA256 > known-answers/generated-penalised.json
# glmnet for the lasso and the elastic net, closed forms for ridge. A ridge or elastic net of a linear model takes another unit of lambda in
# glmnet (it scales the outcome first), so those two are solved from their definition.
suppressMessages(library(glmnet))
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
names <- c("born", "ratio", "smoker", "stageB", "stageC")
x <- as.matrix(d[names]); n <- nrow(x)
net <- function(y, family, mix, lambda, offset = NULL)
  as.vector(coef(glmnet(x, y, family, alpha = mix, lambda = lambda, offset = offset, thresh = 1e-25, maxit = 1e7)))
m <- colMeans(x); s <- sqrt(colMeans(sweep(x, 2, m)^2)); z <- sweep(sweep(x, 2, m), 2, s, "/")
ridge <- function(y, lambda) {
  b <- solve(crossprod(z) / n + lambda * diag(5), crossprod(z, y - mean(y)) / n) / s
  c(mean(y) - sum(b * m), b)
}
answers <- list(
  "linear lasso" = net(d$linear, "gaussian", 1, 1.5), "linear ridge" = ridge(d$linear, 0.7),
  "logistic elastic net" = net(d$logistic, "binomial", 0.5, 0.05), "logistic lasso" = net(d$logistic, "binomial", 1, 0.04),
  "logistic ridge" = net(d$logistic, "binomial", 0, 0.1),
  "poisson lasso" = net(d$count, "poisson", 1, 0.3, log(d$months)))
cat("{\n")
cat(sprintf(' "oracle": "%s; glmnet %s (thresh 1e-25)",\n', R.version.string, packageVersion("glmnet")))
cat(' "call": "node known-answers/write-glm-rows.ts > rows.csv; Rscript known-answers/generated-penalised.R rows.csv SHA256",\n')
cat(' "citation": "Friedman, Hastie & Tibshirani 2010, J Stat Softw 33(1)",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "1e-8 of the coefficient, or of 1e-3 over the standard deviation of its column where that is more: glmnet iterates to its own floor",\n')
cat(paste(sprintf(' "%s": %s', names(answers), sapply(answers, number)), collapse = ",\n"), "\n}\n")
