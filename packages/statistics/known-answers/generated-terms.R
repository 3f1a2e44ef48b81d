# node known-answers/write-generated-rows.ts > rows.csv ; Rscript known-answers/generated-terms.R rows.csv > known-answers/generated-terms.json
# Oracle: base R only. A restricted cubic spline written out (Harrell 2015, eq. 2.25), a factor by treatment contrasts, and a product.
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
basis <- function(x, k) {
  n <- length(k); p <- function(u) pmax(u, 0)^3
  sapply(1:(n - 2), function(j) (p(x - k[j]) - p(x - k[n - 1]) * (k[n] - k[j]) / (k[n] - k[n - 1]) +
    p(x - k[n]) * (k[n - 1] - k[j]) / (k[n] - k[n - 1])) / (k[n] - k[1])^2)
}
knots <- c(38, 52, 64, 78)
d$stage <- relevel(factor(ifelse(d$nodes < 1, "I", ifelse(d$nodes < 4, "II", "III"))), ref = "II")
s <- basis(d$age, knots); d$s1 <- s[, 1]; d$s2 <- s[, 2]
fit <- glm(y ~ age + s1 + s2 + hormone + stage + hormone:stage, binomial, d, control = glm.control(epsilon = 1e-16, maxit = 100))
x <- model.matrix(fit); w <- fitted(fit) * (1 - fitted(fit)); scale <- c(1, apply(x[, -1], 2, sd)); xs <- sweep(x, 2, scale, "/")
covariance <- solve(crossprod(xs, w * xs)) / outer(scale, scale)
cat("{\n")
cat(sprintf(' "oracle": "R %s.%s (stats): glm(binomial, epsilon = 1e-16), information at the final coefficients",\n', R.version$major, R.version$minor))
cat(' "call": "node known-answers/write-generated-rows.ts > rows.csv; Rscript known-answers/generated-terms.R rows.csv",\n')
cat(' "citation": "Harrell 2015, Regression Modeling Strategies, 2nd ed., eq. 2.25",\n')
cat(' "tolerance": "1e-8 of max(|coefficient|, standard error); 1e-8 relative for standard errors",\n')
cat(' "names": [', paste0('"', names(coef(fit)), '"', collapse = ","), '],\n', sep = "")
cat(sprintf(' "coefficients": %s,\n "standardErrors": %s,\n "logLikelihood": %.17g\n}\n', number(coef(fit)), number(sqrt(diag(covariance))), as.numeric(logLik(fit))))
