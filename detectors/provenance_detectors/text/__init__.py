"""The bundled text detector, and what is read in texts besides: invisible and confusable characters."""
