# node known-answers/write-glm-rows.ts > rows.csv ; Rscript known-answers/generated-glm.R rows.csv SHA256 > known-answers/generated-glm.json
# stats::glm and lm, MASS::glm.nb, sandwich::sandwich and vcovCL. Fits run on centred and scaled columns, so that R's own rounding stays below
# 1e-11, and are taken back; R iterates to its floor (epsilon 1e-15), then covariances are made at the final coefficients.
suppressMessages({library(MASS); library(sandwich)})
d <- read.csv(commandArgs(TRUE)[1])
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
tight <- glm.control(epsilon = 1e-15, maxit = 200)
names <- c("born", "ratio", "smoker", "stageB", "stageC")
m <- sapply(d[names], mean); s <- sapply(d[names], sd)
z <- as.data.frame(scale(d[names], m, s)); z$site <- factor(d$site); z$w <- d$weight; z$lm <- log(d$months)
z <- cbind(z, d[c("linear", "logistic", "count", "cost")])
back <- rbind(c(1, -m / s), cbind(0, diag(1 / s)))
rhs <- paste(names, collapse = " + ")
# Expected information at the final coefficients.
refine <- function(f) {
  fam <- f$family; x <- model.matrix(f); a <- f$prior.weights; mu <- fitted(f); eta <- f$linear.predictors
  dmu <- fam$mu.eta(eta); v <- fam$variance(mu)
  w <- a * dmu^2 / v; r <- a * (f$y - mu) * dmu / v
  list(x = x, inverse = solve(crossprod(x, w * x)), r = r)
}
# glm.nb stops the search for theta at 1e-4 and keeps the information of the step before: theta.ml again, from there, to its floor.
theta <- function(f) { t <- theta.ml(f$y, fitted(f), limit = 100, eps = 1e-13); c(as.numeric(t), attr(t, "SE")) }
own <- function(b, V, sites) {
  if (sites) { k <- 1:5; list(b = b[k] / s, se = sqrt(diag(V)[k]) / s) }
  else list(b = as.vector(back %*% b), se = sqrt(diag(back %*% V %*% t(back))))
}
case <- function(name, outcome, family, weights = FALSE, offset = FALSE, sites = FALSE, nb = FALSE) {
  formula <- as.formula(paste(outcome, "~", rhs, if (sites) "+ site - 1" else "", if (offset) "+ offset(lm)" else ""))
  # Columns first, dummies behind: so that own() may take the first five.
  z$a <- if (weights) z$w else 1
  f <- if (nb) glm.nb(formula, z, weights = a, control = tight) else glm(formula, family, z, weights = a, control = tight)
  p <- refine(f); n <- nrow(z); k <- length(coef(f))
  phi <- if (family$family %in% c("gaussian", "Gamma")) sum(f$prior.weights * (f$y - fitted(f))^2 / f$family$variance(fitted(f))) / (n - k) else 1
  V <- phi * p$inverse
  H <- p$inverse %*% crossprod(p$x * p$r) %*% p$inverse
  U <- rowsum(p$x * p$r, z$site); G <- nrow(U)
  C <- p$inverse %*% crossprod(U) %*% p$inverse * G / (G - 1)
  pick <- function(V) own(coef(f), V, sites)$se
  stopifnot(max(abs(diag(sandwich(f)) / diag(H) - 1)) < 1e-6, max(abs(diag(vcovCL(f, z$site, type = "HC0", cadjust = TRUE)) / diag(C) - 1)) < 1e-6)
  stage <- grep("stage", names(coef(f)))
  b <- coef(f)[stage]
  restricted <- as.formula(paste(outcome, "~ born + ratio + smoker", if (sites) "+ site - 1" else "", if (offset) "+ offset(lm)" else ""))
  g <- if (nb) glm.nb(restricted, z, weights = a, control = tight) else glm(restricted, family, z, weights = a, control = tight)
  lr <- if (nb) as.numeric(2 * (logLik(f) - logLik(g))) else (deviance(g) - deviance(f)) / phi
  xr <- model.matrix(f); fam <- g$family; mu <- fitted(g); dmu <- fam$mu.eta(g$linear.predictors); v <- fam$variance(mu); aa <- g$prior.weights
  u <- colSums(aa * (g$y - mu) * dmu / v * xr); I <- crossprod(xr, aa * dmu^2 / v * xr)
  rao <- as.numeric(u %*% solve(I) %*% u) / phi
  cat(sprintf(' "%s": {"coefficients": %s, "standardErrors": %s, "sandwich": %s, "clustered": %s,\n', name, number(own(coef(f), V, sites)$b), number(pick(V)), number(pick(H)), number(pick(C))))
  cat(sprintf('  "deviance": %s, "nullDeviance": %s, "dispersion": %s, "aic": %s, "logLikelihood": %s, "theta": %s,\n', number(deviance(f)), number(f$null.deviance), number(phi), number(if (nb) f$aic else AIC(f)), number(as.numeric(logLik(f))), number(if (nb) theta(f) else 0)))
  cat(sprintf('  "stage": {"wald": %s, "likelihoodRatio": %s, "score": %s}},\n', number(as.numeric(b %*% solve(V[stage, stage]) %*% b)), number(lr), number(rao)))
  invisible(f)
}
cat("{\n")
cat(sprintf(' "oracle": "%s; MASS %s, sandwich %s",\n', R.version.string, packageVersion("MASS"), packageVersion("sandwich")))
cat(' "call": "node known-answers/write-glm-rows.ts > rows.csv; Rscript known-answers/generated-glm.R rows.csv SHA256",\n')
cat(' "citation": "McCullagh & Nelder 1989; Venables & Ripley 2002, 7.4; Zeileis 2006",\n')
cat(sprintf(' "csvSha256": "%s",\n', commandArgs(TRUE)[2]))
cat(' "tolerance": "1e-8 of max(estimate, standard error) for coefficients, 1e-8 relative for standard errors, tests, deviances, AIC",\n')
case("linear", "linear", gaussian())
case("linear, weights", "linear", gaussian(), weights = TRUE)
case("linear, sites", "linear", gaussian(), sites = TRUE)
case("logistic", "logistic", binomial())
case("logistic, sites", "logistic", binomial(), sites = TRUE)
case("poisson, offset", "count", poisson(), offset = TRUE)
case("poisson, offset, sites", "count", poisson(), offset = TRUE, sites = TRUE)
case("negative-binomial, offset", "count", poisson(), offset = TRUE, nb = TRUE)
case("negative-binomial, sites", "count", poisson(), sites = TRUE, nb = TRUE)
case("gamma log", "cost", Gamma("log"))
case("gamma log, weights", "cost", Gamma("log"), weights = TRUE)
case("gamma log, sites", "cost", Gamma("log"), sites = TRUE)
case("gamma inverse", "cost", Gamma("inverse"))
# One effect of smoking a hospital against one effect for all.
wide <- glm(as.formula(paste("logistic ~", rhs, "+ site + smoker:site")), binomial(), z, control = tight)
narrow <- glm(as.formula(paste("logistic ~", rhs, "+ site")), binomial(), z, control = tight)
p <- refine(wide); k <- grep(":site", names(coef(wide))); b <- coef(wide)[k]
wald <- as.numeric(b %*% solve(p$inverse[k, k]) %*% b)
cat(sprintf(' "heterogeneity": {"likelihoodRatio": %s, "wald": %s, "df": %s}\n}\n', number(deviance(narrow) - deviance(wide)), number(wald), number(length(k))))
