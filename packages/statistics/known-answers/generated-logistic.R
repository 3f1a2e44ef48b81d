# node known-answers/write-generated-rows.ts > rows.csv ; Rscript known-answers/generated-logistic.R rows.csv SHA256 > known-answers/generated-logistic.json
# Oracle: base R only. DeLong is written out from its definition (all pairs), not by midranks.
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- glm.control(epsilon = 1e-16, maxit = 100)
placement <- function(s, y) {
  s <- round(s, 10)
  x <- s[y == 1]; z <- s[y == 0]
  psi <- outer(x, z, function(a, b) (a > b) + 0.5 * (a == b))
  list(auc = mean(psi), v10 = rowMeans(psi), v01 = colMeans(psi))
}
se <- function(v10, v01) sqrt(var(v10) / length(v10) + var(v01) / length(v01))
# Information at the final coefficients: summary(glm) uses the weights of the step before.
fit <- glm(y ~ age + rare + platelets + nodes + hormone, binomial, d, control = tight)
x <- model.matrix(fit)
scale <- c(1, apply(x[, -1], 2, sd))
xs <- sweep(x, 2, scale, "/")
w <- fitted(fit) * (1 - fitted(fit))
covariance <- solve(crossprod(xs, w * xs)) / outer(scale, scale)
small <- glm(y ~ age + hormone, binomial, d, control = tight)
eta <- as.vector(x %*% coef(fit)); eta2 <- predict(small)
a <- placement(eta, d$y); b <- placement(eta2, d$y)
difference <- se(a$v10 - b$v10, a$v01 - b$v01)
# A model that is too extreme and too high, to recalibrate.
biased <- 0.4 + 1.5 * eta
cat("{\n")
cat(' "oracle": "R 4.2.2 (stats): glm(binomial, epsilon = 1e-16), information at the final coefficients; DeLong from its definition",\n')
cat(' "call": "node known-answers/write-generated-rows.ts > rows.csv; Rscript known-answers/generated-logistic.R rows.csv SHA256",\n')
cat(' "citation": "McCullagh & Nelder 1989; DeLong et al. 1988; Cox 1958",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "1e-9 of the standard error for coefficients and log-likelihoods, 1e-9 relative for standard errors, 1e-12 for AUCs, 1e-8 for recalibration: R iterates to its rounding floor on columns of unequal units",\n')
cat(' "coefficients":', number(coef(fit)), ',\n "standardErrors":', number(sqrt(diag(covariance))), ",\n")
cat(' "logLikelihood":', number(as.numeric(logLik(fit))), ',\n "logLikelihoodNull":', number(-fit$null.deviance / 2), ",\n")
cat(' "means":', number(colMeans(d)), ',\n "standardDeviations":', number(apply(d, 2, sd)), ",\n")
cat(' "smallCoefficients":', number(coef(small)), ",\n")
cat(' "auc":', number(c(a$auc, se(a$v10, a$v01))), ',\n "smallAuc":', number(c(b$auc, se(b$v10, b$v01))), ",\n")
cat(' "pairedDifference":', number(c(a$auc - b$auc, difference, 2 * pnorm(-abs((a$auc - b$auc) / difference)))), ",\n")
cat(' "recalibration":', number(c(coef(glm(d$y ~ offset(biased), family = binomial, control = tight)), coef(glm(d$y ~ biased, family = binomial, control = tight))[2])), "\n}\n")
